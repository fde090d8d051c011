import Scanners

/// The members that the gateway reads of a file or batch, in a response or in a list.
package struct ResourceResponse: Equatable, Sendable {
    /// The maximum size of one resource's JSON, in bytes.
    package static let byteLimit = 1 << 20

    /// The id of the resource.
    package let id: String
    /// The file with a batch's responses.
    package let outputFileID: String?
    /// The file with a batch's errors.
    package let errorFileID: String?
    /// The resource is a batch in a final state: its files do not change any more.
    package let hasEnded: Bool

    private static let paths = JSONPathSet(
        ["id", "output_file_id", "error_file_id", "status"].map { JSONPath($0, duplicates: .refuse) })

    /// Reads the JSON object `document`; nil if it is not one or has no id.
    package init?(_ document: Span<UInt8>) {
        var scanner = JSONScanner(Self.paths, acceptsNonFinite: true)
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

    /// The files that a batch has written.
    package var writtenFileIDs: [String] { [outputFileID, errorFileID].compactMap(\.self) }
}

extension JSONScanner {
    /// The string that the path found, unless it is empty.
    fileprivate func name(_ index: Int) -> String? { string(index).flatMap { $0.isEmpty ? nil : $0 } }
}
