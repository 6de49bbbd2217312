import { describe, expect, it } from 'vitest'
import type { HealthError } from '../../src/core/errors.ts'
import { lockPath, type PathSources, resolvePaths, statePath } from '../../src/store/paths.ts'

const root = (more: Partial<PathSources> = {}) => resolvePaths({ uid: 0, env: {}, flags: {}, ...more })
const user = (env: PathSources['env'], flags: PathSources['flags'] = {}) =>
  resolvePaths({ uid: 1000, env, flags })

const rootDefaults = {
  config: null,
  defaultConfigs: ['/etc/oratio-health/config.yaml', '/etc/oratio-health/config.yml'],
  stateDir: '/var/lib/oratio-health',
  logDir: '/var/log/oratio-health',
}

describe('as root', () => {
  it('has the places of the file system hierarchy, whatever HOME and XDG_* say', () => {
    expect(root()).toEqual(rootDefaults)
    expect(root({ env: { HOME: '/home/me', XDG_STATE_HOME: '/x', XDG_CONFIG_HOME: '/y' } })).toEqual(
      rootDefaults,
    )
  })

  it('a flag beats the environment beats the default', () => {
    const env = { ORATIO_CONFIG: '/e.yaml', ORATIO_STATE_DIR: '/e/state', ORATIO_LOG_DIR: '/e/log' }
    expect(root({ env })).toMatchObject({ config: '/e.yaml', stateDir: '/e/state', logDir: '/e/log' })
    expect(root({ env, flags: { config: '/f.yaml', stateDir: '/f/state', logDir: '/f/log' } })).toMatchObject(
      {
        config: '/f.yaml',
        stateDir: '/f/state',
        logDir: '/f/log',
      },
    )
  })

  it('what is empty is not set', () => {
    const env = { ORATIO_CONFIG: '', ORATIO_STATE_DIR: '', ORATIO_LOG_DIR: '' }
    expect(root({ env, flags: { stateDir: '' } })).toEqual(rootDefaults)
  })

  it('a relative path stays as it was given', () => {
    expect(root({ flags: { config: './oratio-health.yaml' } }).config).toBe('./oratio-health.yaml')
  })
})

describe('as a user', () => {
  it('has places below HOME', () => {
    expect(user({ HOME: '/home/me' })).toEqual({
      config: null,
      defaultConfigs: [
        '/home/me/.config/oratio-health/config.yaml',
        '/home/me/.config/oratio-health/config.yml',
      ],
      stateDir: '/home/me/.local/state/oratio-health',
      logDir: '/home/me/.local/state/oratio-health/logs',
    })
  })

  it('XDG_* decide when they are absolute; relative and empty ones are ignored', () => {
    expect(user({ HOME: '/home/me', XDG_STATE_HOME: '/s/', XDG_CONFIG_HOME: '/c' })).toMatchObject({
      defaultConfigs: ['/c/oratio-health/config.yaml', '/c/oratio-health/config.yml'],
      stateDir: '/s/oratio-health',
      logDir: '/s/oratio-health/logs',
    })
    expect(user({ HOME: '/home/me', XDG_STATE_HOME: 'state', XDG_CONFIG_HOME: '' })).toEqual(
      user({ HOME: '/home/me' }),
    )
  })

  it('HOME may be the root folder, as in containers', () => {
    expect(user({ HOME: '/' }).stateDir).toBe('/.local/state/oratio-health')
  })

  it.each([{}, { HOME: '' }, { HOME: 'me' }])('without HOME (%o) says what to do', (env) => {
    expect(() => user(env)).toThrowError(
      expect.objectContaining({
        code: 64,
        mend: 'set HOME, or give --state-dir',
      } satisfies Partial<HealthError>),
    )
    expect(() => user(env, { stateDir: '/s' })).toThrowError(/folder for the logs/)
    expect(user(env, { stateDir: '/s', logDir: '/l' })).toEqual({
      config: null,
      defaultConfigs: [],
      stateDir: '/s',
      logDir: '/l',
    })
  })
})

it('lock and state lie in the state folder', () => {
  expect([lockPath('/s', 'check'), statePath('/s')]).toEqual(['/s/check.lock', '/s/state.json'])
})
