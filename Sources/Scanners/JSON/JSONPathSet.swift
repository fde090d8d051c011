/// Up to 64 watches, compiled so that a scanner matches by one bit a watch: a `static let` beside its user.
///
/// A watch is known by its index in the array that the list was made of.
package struct JSONPathSet: Sendable {
    /// What can match in the containers of one depth, 0 being the top-level value.
    struct Level: Sendable {
        /// Watches whose path ends with the value at this depth.
        var terminal: UInt64 = 0
        /// Watches whose next component is a member.
        var members: UInt64 = 0
        /// Watches whose next component is any element.
        var elements: UInt64 = 0
        /// Watches without `[]` above this depth: at most one place in the document can be meant.
        var unique: UInt64 = 0
        /// A bit for each length, modulo 64, that a name of this level has: most keys are told apart by it.
        var lengths: UInt64 = 0
        /// This level's part of `names`.
        var names: Range<Int> = 0..<0
    }

    /// The name of a member, and the watches that look for it at its level.
    struct Name: Sendable {
        var bytes: Range<Int>
        var paths: UInt64
    }

    /// The most watches that a list can have: a watch is a bit of a word.
    package static let capacity = 64

    /// How many watches there are.
    package let count: Int
    let captureLimit: Int
    let gauges: [Level]
    let names: [Name]
    let nameBytes: [UInt8]
    let longestName: Int
    let all: UInt64
    let refusing: UInt64
    let measuring: UInt64
    let counting: UInt64
    /// What a scanner begins with: shared until its first match.
    let emptyFrames: [JSONScanner.Frame]
    let emptySlots: [JSONScanner.Slot]

    /// - Parameters:
    ///   - watches: At most 64, else this traps. The same path may stand in it more than once.
    ///   - captureLimit: The most bytes that are kept of one string or number.
    package init(_ paths: [JSONPath], captureLimit: Int = 256) {
        precondition(paths.count <= Self.capacity, "a list holds at most 64 watches")
        precondition(captureLimit >= 0)
        var gauges = [Level](repeating: Level(), count: (paths.map(\.components.count).max() ?? 0) + 1)
        var names: [Name] = []
        var nameBytes: [UInt8] = []
        for depth in gauges.indices {
            let first = names.count
            for (index, path) in paths.enumerated() {
                let bit: UInt64 = 1 << UInt64(index)
                if depth == path.components.count { gauges[depth].terminal |= bit }
                guard depth < path.components.count else { continue }
                if !path.components[..<depth].contains(.element) { gauges[depth].unique |= bit }
                switch path.components[depth] {
                case .element:
                    gauges[depth].elements |= bit
                case .member(let name):
                    gauges[depth].members |= bit
                    if let known = names[first...].firstIndex(where: { nameBytes[$0.bytes].elementsEqual(name) }) {
                        names[known].paths |= bit
                    } else {
                        names.append(Name(bytes: nameBytes.count..<nameBytes.count + name.count, paths: bit))
                        nameBytes += name
                        gauges[depth].lengths |= 1 << UInt64(name.count & 63)
                    }
                }
            }
            gauges[depth].names = first..<names.count
        }

        func mask(_ holds: (JSONPath) -> Bool) -> UInt64 {
            paths.enumerated().reduce(0) { holds($1.element) ? $0 | 1 << UInt64($1.offset) : $0 }
        }
        count = paths.count
        self.captureLimit = captureLimit
        self.gauges = gauges
        emptyFrames = Array(repeating: JSONScanner.Frame(), count: gauges.count)
        emptySlots = Array(repeating: JSONScanner.Slot(), count: paths.count)
        self.names = names
        self.nameBytes = nameBytes
        longestName = names.map(\.bytes.count).max() ?? 0
        all = mask { _ in true }
        refusing = mask { $0.duplicates == .refuse }
        measuring = mask { $0.capture == .textLength }
        counting = mask { $0.capture == .count }
    }

    /// The watches among `candidates` that look for a member called `name` at `depth`.
    @inline(__always)
    func paths(for name: Span<UInt8>, at depth: Int, among candidates: UInt64) -> UInt64 {
        guard (gauges[depth].lengths &>> UInt64(name.count & 63)) & 1 == 1 else { return 0 }
        for index in gauges[depth].names {
            let known = names[index]
            guard known.paths & candidates != 0, known.bytes.count == name.count else { continue }
            // The last byte first: names of one length often begin alike.
            var offset = name.count
            while offset > 0, nameBytes[known.bytes.lowerBound &+ offset &- 1] == name[unchecked: offset &- 1] {
                offset &-= 1
            }
            if offset == 0 { return known.paths & candidates }
        }
        return 0
    }
}
