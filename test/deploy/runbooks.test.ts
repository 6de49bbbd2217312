import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { projectFile } from '../e2e/environment.ts'

interface Rule {
  alert?: string
  expr: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
}

const { groups } = parse(projectFile('deploy/prometheus/rules.yml')) as { groups: { rules: Rule[] }[] }
const alerts = groups.flatMap(({ rules }) => rules).filter(({ alert }) => alert !== undefined)
/** As GitHub makes the anchor of a heading. */
const anchors = [...projectFile('docs/runbooks.md').matchAll(/^## (.+)$/gm)].map(([, heading = '']) =>
  heading
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .replace(/\s/g, '-'),
)

describe('alerting rules', () => {
  it.each(alerts.map((rule) => [rule.alert ?? '', rule] as const))(
    '%s has a severity, a summary, and a runbook that is there',
    (_, { labels, annotations }) => {
      expect(['warning', 'critical']).toContain(labels?.severity)
      expect(annotations?.summary).toBeTruthy()
      const [file, anchor] = (annotations?.runbook ?? '').split('#')
      expect(file).toBe('docs/runbooks.md')
      expect(anchors).toContain(anchor)
    },
  )

  it('are of all that can go wrong, each with a test, and no runbook is of none', () => {
    const tests = projectFile('deploy/prometheus/rules.test.yml')
    const names = alerts.map(({ alert }) => alert as string)
    expect(names).toEqual(
      expect.arrayContaining(
        [
          'ServiceLeaks',
          'LimitWithinADay',
          'LimitWithinTwoHours',
          'RestartsMaskAFault',
          'Stopped',
          'HostGone',
        ]
          .concat(['GaveUp', 'JournalOverItsCap'])
          .map((name) => `OratioHealth${name}`),
      ),
    )
    for (const name of names) expect(tests, name).toMatch(new RegExp(`alertname: ${name}\\n *exp_alerts:\\n`))
    const used = new Set(alerts.map(({ annotations }) => annotations?.runbook?.split('#')[1]))
    expect(anchors.filter((anchor) => !used.has(anchor))).toEqual([])
  })
})
