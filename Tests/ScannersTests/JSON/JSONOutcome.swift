@testable import Scanners

/// What a scanner makes of a document in pieces: what it found, or its error.
struct JSONOutcome: Equatable {
    var error: JSONError?
    var found: [JSONMatch?] = []
    var topLevel: JSONKind?
    var contentStart: Int?
    var topLevelIsEmpty = true

    init(
        _ pieces: [[UInt8]], _ paths: [JSONPath] = [], captureLimit: Int = 256, depthLimit: Int = 256
    ) {
        var scanner = JSONScanner(JSONPathSet(paths, captureLimit: captureLimit), depthLimit: depthLimit)
        self.init(pieces, &scanner)
    }

    init(_ text: String, _ paths: [JSONPath] = [], captureLimit: Int = 256, depthLimit: Int = 256) {
        self.init([Array(text.utf8)], paths, captureLimit: captureLimit, depthLimit: depthLimit)
    }

    /// With a scanner that may have been used before.
    init(_ pieces: [[UInt8]], _ scanner: inout JSONScanner) {
        scanner.reset()
        do {
            for piece in pieces { try scanner.scan(piece.span) }
            try scanner.finish()
        } catch {
            self.error = error
        }
        found = (0..<scanner.paths.count).map { scanner.found($0) }
        topLevel = scanner.topLevel
        contentStart = scanner.contentStart
        topLevelIsEmpty = scanner.topLevelIsEmpty
    }
}
