import Bytes

/// The paths of all endpoints, ordered for lookup. Built once.
struct RoutingTable: Sendable {
    /// A path without a variable part.
    struct FixedPath: Sendable {
        /// The range of the path in `text`.
        fileprivate let range: Range<Int>
        let endpoint: Endpoint
        let methods: MethodSet
        let upstreamPath: UpstreamPath
    }

    static let shared = RoutingTable(EndpointTraits.table)

    /// Fixed paths by length.
    private let fixedPaths: [FixedPath]
    /// The fixed paths one after the other, to compare words of eight bytes.
    private let text: [UInt8]
    /// For each length the index of the first fixed path that has at least so many bytes.
    private let starts: [Int]
    /// Patterns in the order of the table, `/v1/{rest}` last.
    private let patterns: [PathPattern]
    /// The segments of fixed paths after `/v1/`.
    private let fixedSegments: Set<[String]>
    /// The first segments that belong to a pattern.
    private let patternNames: Set<String>

    init(_ table: [EndpointTraits]) {
        let paths = table.flatMap { row in row.paths.map { (row.endpoint, $0) } }
        var text: [UInt8] = []
        var fixedPaths: [FixedPath] = []
        let fixed = paths.filter(\.1.isFixed).sorted { $0.1.pattern.utf8CodeUnitCount < $1.1.pattern.utf8CodeUnitCount }
        for (endpoint, path) in fixed {
            let start = text.count
            text.append(path.pattern)
            fixedPaths.append(
                FixedPath(
                    range: start..<text.count, endpoint: endpoint, methods: path.methods,
                    upstreamPath: UpstreamPath(from: path.upstreamStart, webSocket: path.webSocket)))
        }
        self.text = text
        self.fixedPaths = fixedPaths
        let lengths = fixedPaths.map(\.range.count)
        starts = (0...(lengths.last ?? 0) + 1).map { length in
            lengths.firstIndex { $0 >= length } ?? lengths.count
        }
        patterns = paths.filter { !$0.1.isFixed }.map { PathPattern($1, of: $0) }
        fixedSegments = Set(
            fixed.map(\.1.pattern.description).filter { $0.hasPrefix("/v1/") }.map { path in
                path.dropFirst("/v1/".count).split(separator: "/").map(String.init)
            })
        patternNames = Set(patterns.compactMap(\.firstLiteral))
    }

    /// The fixed path `path`. The length tells nearly all of them apart, so one or two comparisons follow.
    func fixedPath(_ path: Span<UInt8>) -> FixedPath? {
        guard path.count + 1 < starts.count else { return nil }
        for index in starts[path.count]..<starts[path.count + 1]
        where text.span.extracting(fixedPaths[index].range).hasSameBytes(as: path) {
            return fixedPaths[index]
        }
        return nil
    }

    /// The pattern of a path that is not fixed, and the range of a model's id in it.
    func pattern(of path: Span<UInt8>) -> (PathPattern, modelID: Range<Int>?)? {
        guard path.count > 4, path.hasPrefix("/v1/"), let reading = PathReading(path) else { return nil }
        if let (pattern, modelID) = modelPattern(of: path) {
            guard reading.segments.dropFirst().allSatisfy({ !$0.isEmpty }), !namesInvalidModel(path) else { return nil }
            return (pattern, modelID)
        }
        guard !isAmbiguous(reading) else { return nil }
        return patterns.first { $0.matches(reading.segments) }.map { ($0, nil) }
    }

    /// The pattern of a path that ends in a model's id, and the range of the id.
    private func modelPattern(of path: Span<UInt8>) -> (PathPattern, modelID: Range<Int>)? {
        for pattern in patterns {
            guard let prefix = pattern.modelPrefix, path.count > prefix.count,
                path.extracting(0..<prefix.count).hasSameBytes(as: prefix.span)
            else { continue }
            return (pattern, prefix.count..<path.count)
        }
        return nil
    }

    /// Returns true for a path that ends in the name of a model which is text, but no valid name.
    func namesInvalidModel(_ path: Span<UInt8>) -> Bool {
        guard let (_, modelID) = modelPattern(of: path) else { return false }
        return PercentCoding.strictlyDecoded(path.extracting(modelID)).map { !ModelName.isValid($0) } ?? false
    }

    /// Returns true if a lenient server could read the path as one of a known endpoint that it does not spell exactly.
    private func isAmbiguous(_ reading: PathReading) -> Bool {
        guard let first = reading.lenientSegments.first else { return true }
        // A second version that the client's alias did not remove.
        if first == "v1" { return true }
        // The exact spelling of a fixed path never gets here.
        if fixedSegments.contains(reading.lenientSegments) { return true }
        return patternNames.contains(first) && !(reading.isPlain && reading.segments[0] == first)
    }
}
