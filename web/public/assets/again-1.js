/* Loads the page again when a part of it could not be loaded, because the network came or changed at that moment: nobody stands
   at a kiosk to press "again". Plain, and before everything else. Assets are cached for a year: a new version gets a new name. */
const PAUSE_MS = 2000

function again(event) {
  const lost = event.target
  const part = lost instanceof HTMLScriptElement || (lost instanceof HTMLLinkElement && lost.rel !== 'icon')
  if (part) setTimeout(() => location.reload(), PAUSE_MS)
}

addEventListener('error', again, true)
// Who has everything is in no danger of a reload.
addEventListener('load', () => removeEventListener('error', again, true))
