import { type Comment, type DeclarationReflection, type ProjectReflection, ReflectionKind } from "typedoc"

const exported = ReflectionKind.Variable | ReflectionKind.Function | ReflectionKind.ClassOrInterface |
  ReflectionKind.TypeAlias

/** The comments of a thing: a function has one for each way of calling it. */
const commentsOf = (reflection: DeclarationReflection): ReadonlyArray<Comment | undefined> =>
  reflection.comment === undefined && reflection.signatures !== undefined
    ? reflection.signatures.map(({ comment }) => comment)
    : [reflection.comment]

const has = (tag: `@${string}`) => (comment: Comment | undefined): boolean => comment?.getTag(tag) !== undefined

const hasSentence = (comment: Comment | undefined): boolean =>
  comment?.summary.some(({ text }) => text.trim() !== "") ?? false

const lacks = (reflection: DeclarationReflection): ReadonlyArray<string> => {
  const rules = {
    "a sentence": hasSentence,
    "@since": has("@since"),
    ...(reflection.kindOf(exported) ? { "@category": has("@category") } : {})
  }
  return Object.entries(rules)
    .filter(([, holds]) => !commentsOf(reflection).every(holds))
    .map(([what]) => what)
}

/** What the public exports of all packages lack, one line for each: a sentence, `@since` and `@category`. */
export const undocumented = (project: ProjectReflection): ReadonlyArray<string> =>
  project.getReflectionsByKind(ReflectionKind.SomeModule | exported)
    .filter((reflection) => reflection.isDeclaration())
    .map((reflection) => [reflection, lacks(reflection)] as const)
    .filter(([, missing]) => missing.length > 0)
    .map(([reflection, missing]) => `${reflection.getFullName()} lacks ${missing.join(" and ")}`)
