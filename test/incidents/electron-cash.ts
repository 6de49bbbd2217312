import type { Replay } from './replay.ts'

/** E: a wallet daemon's container that its own start script fills with processes. */
export const electronCash: Replay = {
  letter: 'E',
  name: 'electron-cash',
  async run(stage) {
    const host = await stage.open({ hostname: 'wallet-box', scheduler: 'cron', docker: true })
    await stage.step('the toolkit installs its schedule', async () => {
      stage.say(
        await host.shell('oratio-health install --scheduler cron; ls /run; oratio-health doctor || true'),
      )
    })
  },
}
