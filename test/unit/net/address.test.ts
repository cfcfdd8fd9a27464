import { describe, expect, test } from 'vitest'
import { isLoopbackHost, mayReach, reachOf } from '../../../src/net/address.ts'

describe('reachOf', () => {
  test.each([
    ['8.8.8.8', 'public'],
    ['2606:4700::1', 'public'],
    ['10.1.2.3', 'private'],
    ['fd00::1', 'private'],
    ['100.64.0.1', 'private'],
    ['127.9.9.9', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['64:ff9b::a00:1', 'private'],
    ['64:ff9b::808:808', 'public'],
    ['169.254.169.254', 'other'],
    ['fe80::1', 'other'],
    ['0.0.0.0', 'other'],
    ['224.0.0.1', 'other'],
    ['example.com', 'other'],
  ])('%s is %s', (address, reach) => {
    expect(reachOf(address)).toBe(reach)
  })
})

test('an answer may lead no deeper than the hub itself is', () => {
  const addresses = ['8.8.8.8', '10.0.0.1', '127.0.0.1', '169.254.169.254']
  expect(addresses.filter((address) => mayReach(address, 'public'))).toEqual(['8.8.8.8'])
  expect(addresses.filter((address) => mayReach(address, 'private'))).toEqual(['8.8.8.8', '10.0.0.1'])
  expect(addresses.filter((address) => mayReach(address, 'loopback'))).toEqual([
    '8.8.8.8',
    '10.0.0.1',
    '127.0.0.1',
  ])
})

test('loopback hosts by name and address', () => {
  expect(['localhost', 'hub.localhost', '127.0.0.1', '[::1]'].every(isLoopbackHost)).toBe(true)
  expect(['localhost.example', '10.0.0.1', 'example.com'].some(isLoopbackHost)).toBe(false)
})
