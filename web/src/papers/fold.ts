/* The papers of a visit after one more event: the same fold as `rvw/domain/papers/fold.py`. Pure. */

import type { PaperPage, Papers, PaperVerdict, Recorded } from '../protocol/types'

const REMEMBERED_REFS = 64

export function evolve(papers: Papers, recorded: Recorded): Papers {
  const after = happened(papers, recorded)
  const refs = recorded.ref ? [...papers.refs, recorded.ref].slice(-REMEMBERED_REFS) : papers.refs
  return { ...after, version: recorded.version, refs }
}

function happened(papers: Papers, recorded: Recorded): Papers {
  const { event, version, at } = recorded
  switch (event.type) {
    case 'page_added':
      return added(papers, recorded)
    case 'page_replaced':
    case 'page_named':
    case 'page_removed':
      return changed(papers, recorded)
    case 'page_shown': {
      const { page, picture, turn, name } = event
      return { ...papers, shown: { page, picture, turn, name, at } }
    }
    case 'page_hidden':
      return { ...papers, shown: null }
    case 'paper_asked': {
      const material = event.material || `x${version}`
      const extras = event.material ? papers.extras : [...papers.extras, { id: material, title: event.title }]
      return { ...papers, extras, wanted: { material, note: event.note, name: event.name, at } }
    }
    case 'paper_accepted':
      return decided(papers, { material: event.material, accepted: true, note: '', name: event.name, at })
    case 'paper_returned':
      return decided(papers, { material: event.material, accepted: false, note: event.note, name: event.name, at })
    case 'paper_referred': {
      const others = papers.referred.filter((one) => one.material !== event.material)
      const reference = { material: event.material, licence: event.licence, name: event.name, at }
      return { ...undecided(papers, event.material), referred: [...others, reference] }
    }
    case 'phone_invited':
      return {
        ...papers,
        phones: [...papers.phones, { link: event.link, until: event.until, name: event.name, came: false }],
      }
    case 'phone_came':
      return { ...papers, phones: papers.phones.map((one) => (one.link === event.link ? { ...one, came: true } : one)) }
    case 'phone_dismissed':
      return { ...papers, phones: papers.phones.filter((one) => one.link !== event.link) }
    case 'notice_given': {
      const notice = { id: version, missing: event.missing, file: event.file, name: event.name, at }
      return { ...papers, notices: [...papers.notices, notice], bytes: papers.bytes + event.file.bytes }
    }
    default:
      throw new Error(`papers cannot have ${event.type}`)
  }
}

function added(papers: Papers, recorded: Recorded): Papers {
  const { event, version, at, by } = recorded
  if (event.type !== 'page_added') return papers
  const { type: _, ...told } = event
  const page: PaperPage = { ...told, id: version, changed: version, at, by, retakes: 0 }
  return put({ ...papers, pages: [...papers.pages, page] }, page, event.file.bytes)
}

function changed(papers: Papers, recorded: Recorded): Papers {
  const { event, version, at, by } = recorded
  if (event.type !== 'page_replaced' && event.type !== 'page_named' && event.type !== 'page_removed') return papers
  const before = papers.pages.find((one) => one.id === event.page)
  if (!before) return papers
  switch (event.type) {
    case 'page_replaced': {
      const { source, file, name } = event
      const after = { ...before, changed: version, at, by, name, source, file, retakes: before.retakes + 1 }
      return put(hidden(papers, event.page), after, file.bytes)
    }
    case 'page_named': {
      const { material, title } = event
      if (material === before.material) return shown(papers, { ...before, title })
      return undecided(put(papers, { ...before, material, title, changed: version }, 0), before.material)
    }
    case 'page_removed': {
      const pages = papers.pages.filter((one) => one.id !== event.page)
      return { ...undecided(hidden(papers, event.page), before.material), pages }
    }
  }
}

function put(papers: Papers, page: PaperPage, more: number): Papers {
  const after = { ...shown(papers, page), wanted: askedNoMore(papers, page.material), bytes: papers.bytes + more }
  return undecided(after, page.material)
}

function shown(papers: Papers, page: PaperPage): Papers {
  return { ...papers, pages: papers.pages.map((one) => (one.id === page.id ? page : one)) }
}

/** What was looked at is not there any more. */
function hidden(papers: Papers, page: number): Papers {
  return papers.shown?.page === page ? { ...papers, shown: null } : papers
}

function undecided(papers: Papers, material: string): Papers {
  return { ...papers, verdicts: papers.verdicts.filter((one) => one.material !== material) }
}

function decided(papers: Papers, verdict: PaperVerdict): Papers {
  const others = papers.verdicts.filter((one) => one.material !== verdict.material)
  return { ...papers, verdicts: [...others, verdict], wanted: askedNoMore(papers, verdict.material) }
}

function askedNoMore(papers: Papers, material: string): Papers['wanted'] {
  return papers.wanted?.material === material ? null : papers.wanted
}
