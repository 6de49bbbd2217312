import type { PageData } from '../core/page-data.ts'
import { type Chart, makeChart } from './chart.ts'
import { makeSteering, type Steering, steerByKey } from './keys.ts'
import { readoutOf } from './readout.ts'
import { unpackSeries } from './unpack.ts'

/** Puts a chart in place of each still picture that comes into view. Where that fails the picture stays. */
const start = (): void => {
  const data = JSON.parse(document.getElementById('data')?.textContent ?? '') as PageData
  document.documentElement.classList.add('js')
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue
        seen.unobserve(target)
        enliven(target as HTMLElement, data)
      }
    },
    { rootMargin: '400px' },
  )
  for (const chart of document.querySelectorAll('.chart')) seen.observe(chart)
  addEventListener('beforeprint', () => {
    for (const details of document.querySelectorAll('details')) details.open = true
  })
}

const enliven = (place: HTMLElement, data: PageData): void => {
  const page = data.services[Number(place.dataset.of)]
  if (page === undefined) return
  const drawn = make('div', 'drawn')
  drawn.tabIndex = 0
  drawn.setAttribute('role', 'application')
  drawn.setAttribute('aria-roledescription', 'chart')
  drawn.setAttribute('aria-label', place.querySelector('svg')?.getAttribute('aria-label') ?? page.name)
  const read = make('div', 'read')
  const output = make('output', '')
  read.append(output)
  place.append(drawn, read)
  place.classList.add('live')
  const series = unpackSeries(page)
  const newest = series.rows.at(-1) ?? 0
  const chart: Chart = makeChart(drawn, series, page, data, (row) => {
    const { time, lines } = readoutOf(
      row ?? newest,
      series,
      page,
      data,
      row === null ? 0 : chart.secondsPerPixel() * 4,
    )
    const stamp = make('b', '')
    stamp.textContent = time
    output.replaceChildren(
      stamp,
      ...lines.flatMap((line, i) => [i === 0 ? '  ' : document.createElement('br'), line]),
    )
  })
  const steering = makeSteering(chart, series)
  read.append(tools(steering, page.name))
  drawn.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (steerByKey(steering, event)) event.preventDefault()
  })
}

const tools = (steering: Steering, name: string): HTMLElement => {
  const row = make('div', 'tools')
  const button = (label: string, what: string, act: () => void): void => {
    const one = make('button', '')
    one.textContent = label
    one.setAttribute('aria-label', `${what}: ${name}`)
    one.addEventListener('click', act)
    row.append(one)
  }
  button('−', 'Zoom out', () => steering.zoom(2))
  button('+', 'Zoom in', () => steering.zoom(0.5))
  button('All', 'Show the whole time', () => steering.whole())
  return row
}

const make = <T extends keyof HTMLElementTagNameMap>(tag: T, name: string): HTMLElementTagNameMap[T] => {
  const element = document.createElement(tag)
  if (name !== '') element.className = name
  if (tag === 'button') element.setAttribute('type', 'button')
  return element
}

start()
