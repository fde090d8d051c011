import Scanners

extension JSONScanner {
    /// A scanner that has read all of `body`, which must be an object.
    init(_ paths: JSONPathSet, readingObject body: [UInt8]) throws(SandboxError) {
        self.init(paths)
        do throws(JSONError) {
            try scan(body.span)
            try finish()
        } catch { throw .invalid(error.message) }
        guard topLevel == .object else { throw .invalid("The body must be a JSON object.") }
    }

    /// The name of the model, at the watched path `index`.
    func model(_ index: Int) throws(SandboxError) -> String {
        guard let name = found(index)?.text, !name.isEmpty else { throw .missing("model") }
        return name
    }
}
