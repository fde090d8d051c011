import Foundation

/// A file of this target's sources, for tests that are tables.
struct FixtureFile {
    let url: URL

    /// - Parameter path: The path below the repository's root.
    init(_ path: String) {
        url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: path)
    }

    func lines() throws -> [String] {
        try String(contentsOf: url, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
    }

    func write(_ lines: [String]) throws { try Data(lines.joined(separator: "\n").utf8).write(to: url) }

    /// True where tables are to be written with the present verdicts, for a review of what changed.
    static var isWriting: Bool { ProcessInfo.processInfo.environment["PROPYLON_WRITE_REFERENCE"] != nil }
}
