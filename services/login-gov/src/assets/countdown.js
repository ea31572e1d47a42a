// Counts times down in words, and shows each part of the page while its time is: from `data-shown-from` milliseconds
// before the end until `data-shown-until`.
const words = (value, unit) =>
  new Intl.NumberFormat(document.documentElement.lang, { style: 'unit', unit, unitDisplay: 'long' }).format(
    value,
  )
// Rounded as the server does.
const told = (seconds) =>
  seconds >= 60 ? words(Math.ceil(seconds / 60), 'minute') : words(Math.max(1, seconds), 'second')

for (const countdown of document.querySelectorAll('[data-countdown]')) {
  const end = performance.now() + Number(countdown.dataset.countdown)
  const timer = setInterval(() => {
    const left = end - performance.now()
    for (const time of countdown.querySelectorAll('[data-time-left]')) {
      time.textContent = told(Math.ceil(left / 1000))
    }
    for (const part of countdown.querySelectorAll('[data-shown-from]')) {
      part.hidden = left > Number(part.dataset.shownFrom) || left <= Number(part.dataset.shownUntil)
    }
    if (left <= 0) clearInterval(timer)
  }, 1000)
}
