import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { licenseOfText } from '../../../src/transform/license-text.ts'

const ours = readFileSync(new URL('../../../LICENSE', import.meta.url), 'utf8')

const mit = `MIT License

Copyright (c) 2026 Somebody & Co.

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
`

const bsd = (third: string) => `Copyright 2026 Somebody

Redistribution and use in source and binary forms, with or without modification, are permitted provided that the
following conditions are met:

1. Redistributions of source code must retain the above copyright notice, this list of conditions and the following disclaimer.
2. Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the following
   disclaimer in the documentation and/or other materials provided with the distribution.
${third}
THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS “AS IS” AND ANY EXPRESS OR IMPLIED WARRANTIES,
INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL,
SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES;
LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN
CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS
SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
`
const third = `3. Neither the name of the copyright holder nor the names of its contributors may be used to endorse or promote products
   derived from this software without specific prior written permission.
`
const fourth = `4. All advertising materials mentioning features or use of this software must display an acknowledgement.
`

describe('licenseOfText', () => {
  test.each([
    ['a text with its title', mit, 'mit'],
    ['one without', mit.slice(mit.indexOf('Copyright')), 'mit'],
    [
      'one in Markdown, on Windows, in other quotes',
      `# ${mit.replaceAll('"', '”').replaceAll('\n', '\r\n')}`,
      'mit',
    ],
    ['one behind comment signs', mit.replaceAll(/^/gm, ' * '), 'mit'],
    ['two clauses', bsd(''), 'bsd-2-clause'],
    ['three clauses', bsd(third), 'bsd-3-clause'],
    ['this project’s own', ours, 'mit'],
  ])('knows %s', (_, text, id) => {
    expect(licenseOfText(text)).toBe(id)
  })

  test.each([
    ['nothing', ''],
    ['a mention', 'This model is licensed under the Apache License, Version 2.0, January 2004.'],
    ['terms before it', `You may not compete with us. ${'You may not. '.repeat(60)}\n${mit}`],
    [
      'terms behind it',
      `${mit}\nNotwithstanding the above, no company with more than 100 users may use the Software.`,
    ],
    [
      'a condition in it',
      mit.replace('THE SOFTWARE IS', 'The Software shall be used for Good, not Evil.\n\nTHE SOFTWARE IS'),
    ],
    ['a fourth clause', bsd(third + fourth)],
    ['two licenses', `${mit}\n${bsd(third)}`],
    ['a license of somebody’s own', 'TONGYI QIANWEN LICENSE AGREEMENT\n\nBy clicking to agree …'],
    ['a heap', mit.repeat(100)],
  ])('does not know %s', (_, text) => {
    expect(licenseOfText(text)).toBeUndefined()
  })
})
