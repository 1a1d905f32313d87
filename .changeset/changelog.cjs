/**
 * What a changelog says of a change: the text of its changeset, without the commit. All packages have one version, so that
 * those of dependencies are not worth a line.
 */
const indented = (text) => text.trim().replaceAll(/\n(?=.)/g, "\n  ")

module.exports = {
  getReleaseLine: async ({ summary }) => `- ${indented(summary)}`,
  getDependencyReleaseLine: async () => ""
}
