/** Whether git takes it as the name of a branch, and a plan does (255 characters): one goes into commands of git. Source: git-check-ref-format(1). */
export function isBranchName(text: string): boolean {
  const broken = /[\s~^:?*[\\\p{Cc}]|\.\.|@\{|\/\/|^[-/.]|\/\.|[/.]$|\.lock(\/|$)/u.test(text)
  return text !== '' && text.length <= longest && !broken
}

const longest = 255
