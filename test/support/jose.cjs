// Stands in for jose under Jest, which comes as ES modules only.
module.exports = globalThis.nodeRequire('jose');
