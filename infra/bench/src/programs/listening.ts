/** Tells the parent where this process listens, and answers its questions about CPU time until it is stopped. */
export function listening(url: string): void {
  process.on('message', (message) => {
    if (message !== 'cpu') return
    const { user, system } = process.cpuUsage()
    process.send?.({ cpu: user + system })
  })
  process.on('disconnect', () => process.exit())
  process.send?.({ url })
}
