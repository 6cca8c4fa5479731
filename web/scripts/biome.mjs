/* Runs biome from the package that holds its binary. Not through `@biomejs/biome`: its lock entry needs the binaries of
   every platform, and mirrors that carry only some of them make `npm ci` fail for everybody. */

import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'

const name = `@biomejs/cli-${process.platform}-${process.arch}`
let binary
try {
  binary = createRequire(import.meta.url).resolve(`${name}/biome`)
} catch {
  console.error(`${name} is not installed: the check runs on Linux (x64, arm64)`)
  process.exit(1)
}
process.exit(spawnSync(binary, process.argv.slice(2), { stdio: 'inherit' }).status ?? 1)
