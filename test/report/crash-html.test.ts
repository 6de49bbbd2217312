import { describe, expect, it } from 'vitest'
import { crashEvent } from '../../src/core/crash-event.ts'
import { crashHtml } from '../../src/report/crash-html.ts'
import { escapeHtml, scriptJson } from '../../src/report/html.ts'

const hostile = '</pre><script>alert("1")</script>\u202e'

const page = (over: Partial<Parameters<typeof crashHtml>[0]> = {}): string =>
  crashHtml({
    ...{ hostname: hostile, version: '0.0.0', hostNow: [hostile], ownActions: [hostile] },
    story: {
      ...{ sinceMs: 0, untilMs: 86_400_000, restarts: [], warnings: [hostile] },
      events: [crashEvent('segfault', hostile, 1000, hostile), crashEvent('boot', 'wtmp', null, hostile)],
      suspects: [{ name: hostile, kind: 'program', score: 1, reasons: [{ code: 'failed', count: 2 }] }],
      sources: [{ name: hostile, lines: 0, complete: true, missing: hostile, mend: null }],
    } as never,
    ...over,
  })

describe('the page of crash-report', () => {
  it('escapes what others wrote, wherever it stands', () => {
    const text = page()
    expect(text).not.toContain('<script')
    expect(text).not.toContain('</pre>')
    expect(text.match(/&#60;script&#62;/g)?.length).toBeGreaterThanOrEqual(8)
  })

  it('has a part for each thing there is, and none for what there is not', () => {
    const parts = (text: string) =>
      [...text.matchAll(/<section class="card" id="(\w+)"/g)].map(([, id]) => id)
    expect(parts(page())).toEqual(['suspects', 'timeline', 'own', 'host', 'sources'])
    const story = {
      sinceMs: 0,
      untilMs: 1,
      events: [],
      suspects: [],
      sources: [],
      restarts: [],
      warnings: [],
    }
    const empty = page({ story: story as never, hostNow: [], ownActions: [] })
    expect(parts(empty)).toEqual([])
    expect(empty).toContain('No trace of a crash was found.')
  })
})

describe('text in a page', () => {
  it('ends neither an element nor an attribute nor a script', () => {
    expect(escapeHtml(`<&>"'\``)).toBe('&#60;&#38;&#62;&#34;&#39;&#96;')
    const data = { a: '</script><!--', b: '\u2028\u202e' }
    expect(scriptJson(data)).not.toMatch(/[<>\u2028\u202e]/)
    expect(JSON.parse(scriptJson(data))).toEqual(data)
  })
})
