/** A colour of the page's style, as it is now: `--link` → `#0a58a8`. */
export const colorOf = (name: string, opacity = 1): string => {
  const color = getComputedStyle(document.documentElement).getPropertyValue(name).trim()
  return opacity === 1
    ? color
    : `${color}${Math.round(opacity * 255)
        .toString(16)
        .padStart(2, '0')}`
}
