import Scanners

/// What the gateway reads of a file or batch object, in an answer or in a list.
package struct ResourceResponse: Equatable, Sendable {
    /// The most bytes that one object may have.
    package static let byteLimit = 1 << 20

    /// Its id.
    package let id: String
    /// The file that the batch's answers stand in, where it has one.
    package let outputFileID: String?
    /// The file that the batch's refusals stand in, where it has one.
    package let errorFileID: String?
    /// Whether it is a batch that has ended, however: its files do not change any more.
    package let hasEnded: Bool

    private static let paths = JSONPathSet(
        ["id", "output_file_id", "error_file_id", "status"].map { JSONPath($0, duplicates: .refuse) })

    /// Reads the JSON object `document`; nil where it is none, or has no id.
    package init?(_ document: Span<UInt8>) {
        var scanner = JSONScanner(Self.paths)
        do throws(JSONError) {
            try scanner.scan(document)
            try scanner.finish()
        } catch { return nil }
        guard let id = scanner.name(0) else { return nil }
        self.id = id
        outputFileID = scanner.name(1)
        errorFileID = scanner.name(2)
        let status = scanner.name(3)
        hasEnded = status == "completed" || status == "expired" || status == "cancelled" || status == "failed"
    }

    /// The files that the batch has written.
    package var writtenFileIDs: [String] { [outputFileID, errorFileID].compactMap(\.self) }
}

extension JSONScanner {
    /// The string that the watch has found, if it is not empty.
    fileprivate func name(_ index: Int) -> String? {
        guard let found = found(index), found.kind == .string, let text = found.text, !text.isEmpty else { return nil }
        return text
    }
}
