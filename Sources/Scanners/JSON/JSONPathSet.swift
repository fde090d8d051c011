/// Up to 63 paths, compiled so that a scanner needs one bit for each. Keep a set as a `static let`: compiling it allocates.
///
/// An object: scanners hold one reference, where a struct would be copied with all its arrays.
///
/// A path is known by its index in the array given to `init`.
///
/// ```swift
/// static let paths = JSONPathSet([JSONPath("model", duplicates: .refuse), JSONPath("data", .count)])
///
/// var scanner = JSONScanner(paths)
/// try scanner.scan(body)
/// try scanner.finish()
/// let model = scanner.found(0)?.text
/// let count = scanner.found(1)?.elements
/// ```
package final class JSONPathSet: Sendable {
    /// The paths that can match at one depth. Depth 0 is the top-level value.
    struct Level: Sendable {
        /// The paths that end with the value at this depth.
        var terminal: UInt64 = 0
        /// The paths whose next component is a member.
        var members: UInt64 = 0
        /// The paths whose next component is `[]`.
        var elements: UInt64 = 0
        /// The paths without `[]` above this depth: at most one value in the document can match.
        var unique: UInt64 = 0
        /// One bit for each length, modulo 64, of a name of this level. It excludes most keys without a comparison.
        var lengths: UInt64 = 0
        /// The names of this level, as a part of `names`.
        var names: Range<Int> = 0..<0
    }

    /// The name of a member, and the paths that have it at its level.
    struct Name: Sendable {
        var bytes: Range<Int>
        var paths: UInt64
    }

    /// The most paths of a set: a path is a bit of a word, of which one is `misspelled`.
    package static let capacity = 63
    /// The mark of the paths of a name that is another spelling of one of a refusing path.
    ///
    /// Every object counts it as seen, so that such a name takes the slow way of one that is there twice.
    static let misspelled: UInt64 = 1 << 63

    /// The number of paths.
    package let count: Int
    /// The most bytes of a captured text.
    let captureLimit: Int
    let levels: [Level]
    private let names: [Name]
    private let nameBytes: [UInt8]
    /// The bytes of the longest name, in any spelling that `resembled` recognises.
    let longestName: Int
    /// All paths.
    let all: UInt64
    /// The paths with `Duplicates.refuse`.
    let refusing: UInt64
    /// The paths with `Duplicates.first`.
    let keepingFirst: UInt64
    /// The paths with `Capture.textLength`.
    let measuring: UInt64
    /// The paths with `Capture.count`.
    let counting: UInt64
    /// The first storage of a scanner, shared until its first match.
    let emptyFrames: [JSONContainers.Frame]
    let emptySlots: [JSONMatchTable.Slot]

    /// - Parameters:
    ///   - paths: at most 63; more end the process. A path can occur more than once.
    ///   - captureLimit: the most bytes of one captured string or number. A longer one has no text.
    package init(_ paths: [JSONPath], captureLimit: Int = 256) {
        precondition(paths.count <= Self.capacity, "a set holds at most 63 paths")
        precondition(captureLimit >= 0)
        var levels = [Level](repeating: Level(), count: (paths.map(\.components.count).max() ?? 0) + 1)
        var names: [Name] = []
        var nameBytes: [UInt8] = []
        for depth in levels.indices {
            let first = names.count
            for (index, path) in paths.enumerated() {
                let bit: UInt64 = 1 << UInt64(index)
                if depth == path.components.count { levels[depth].terminal |= bit }
                guard depth < path.components.count else { continue }
                if !path.components[..<depth].contains(.element) { levels[depth].unique |= bit }
                switch path.components[depth] {
                case .element:
                    levels[depth].elements |= bit
                case .member(let name):
                    levels[depth].members |= bit
                    if let known = names[first...].firstIndex(where: { nameBytes[$0.bytes].elementsEqual(name) }) {
                        names[known].paths |= bit
                    } else {
                        names.append(Name(bytes: nameBytes.count..<nameBytes.count + name.count, paths: bit))
                        nameBytes += name
                        levels[depth].lengths |= 1 << UInt64(name.count & 63)
                    }
                }
            }
            levels[depth].names = first..<names.count
        }

        func mask(_ holds: (JSONPath) -> Bool) -> UInt64 {
            paths.enumerated().reduce(0) { holds($1.element) ? $0 | 1 << UInt64($1.offset) : $0 }
        }
        count = paths.count
        self.captureLimit = captureLimit
        self.levels = levels
        emptyFrames = Array(repeating: JSONContainers.Frame(), count: levels.count)
        emptySlots = Array(repeating: JSONMatchTable.Slot(), count: paths.count)
        self.names = names
        self.nameBytes = nameBytes
        longestName = names.map { JSONNameFolding.longestSpelling(of: nameBytes[$0.bytes]) }.max() ?? 0
        all = mask { _ in true }
        refusing = mask { $0.duplicates == .refuse }
        keepingFirst = mask { $0.duplicates == .first }
        measuring = mask { $0.capture == .textLength }
        counting = mask { $0.capture == .count }
    }

    /// The paths among `candidates` that have a member called `name` at `depth`.
    @inline(__always)
    func paths(for name: Span<UInt8>, at depth: Int, among candidates: UInt64) -> UInt64 {
        guard (levels[depth].lengths &>> UInt64(name.count & 63)) & 1 == 1 else { return 0 }
        for index in levels[depth].names {
            let known = names[index]
            guard known.paths & candidates != 0, known.bytes.count == name.count else { continue }
            // Compare from the end: names of one length often have the same beginning.
            var offset = name.count
            while offset > 0, nameBytes[known.bytes.lowerBound &+ offset &- 1] == name[unchecked: offset &- 1] {
                offset &-= 1
            }
            if offset == 0 { return known.paths & candidates }
        }
        return candidates & refusing == 0 ? 0 : misspelling(name, at: depth, among: candidates)
    }

    /// The same for a name that can have escapes or bytes outside ASCII, so that its spellings can be longer than the name.
    @inline(never)
    func paths(forUnusual name: Span<UInt8>, at depth: Int, among candidates: UInt64) -> UInt64 {
        let found = paths(for: name, at: depth, among: candidates)
        return found == 0 ? misspelling(name, at: depth, among: candidates) : found
    }

    @inline(never)
    private func misspelling(_ name: Span<UInt8>, at depth: Int, among candidates: UInt64) -> UInt64 {
        resembled(by: name, at: depth, among: candidates) == nil ? 0 : Self.misspelled
    }

    /// The name of a refusing path among `candidates` that `name` spells in another way; nil if there is none.
    func resembled(by name: Span<UInt8>, at depth: Int, among candidates: UInt64) -> String? {
        guard JSONNameFolding.hasOtherLetters(name) else { return nil }
        for index in levels[depth].names where names[index].paths & candidates & refusing != 0 {
            let known = nameBytes[names[index].bytes]
            if JSONNameFolding.isSpelling(name, of: known) { return String(decoding: known, as: UTF8.self) }
        }
        return nil
    }
}
