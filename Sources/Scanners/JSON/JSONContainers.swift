/// The open objects and arrays of a document, and the paths that can match in them.
///
/// The kinds of all open containers are kept, one bit each. More is known only of the outermost ones in which something can match.
struct JSONContainers: ~Copyable {
    /// An open container in which a path can match, or which is a match itself.
    struct Frame: Sendable {
        /// The paths that lead into it.
        var candidates: UInt64 = 0
        /// The paths that end with it.
        var matched: UInt64 = 0
        /// For an object: the paths whose member it has had.
        var seen = JSONPathSet.misspelled
        /// The offset of its opening bracket.
        var start = 0
        var member = JSONMemberPosition()
        /// The number of its elements or members, if a path counts them.
        var elements = 0
    }

    /// The number of open containers.
    private(set) var depth = 0
    /// True if the innermost container is an object.
    private(set) var isInObject = false
    /// One bit for each depth: set if the container that opened there is an object.
    private var objectBits = InlineArray<4, UInt64>(repeating: 0)
    /// The frames of the outermost `tracked` containers.
    private var frames: [Frame]
    private var tracked = 0

    /// For the innermost container, an array: the paths that lead to its elements.
    private(set) var elementPaths: UInt64
    /// For the innermost container, an object: true if a path leads to a member.
    private(set) var wantsKeys = false
    /// For the innermost container: true if a path counts its elements or members.
    private(set) var countsElements = false

    /// No open container. `emptyFrames` has a frame for each depth of `paths`, whose storage is shared until the first match.
    init(_ paths: borrowing JSONPathSet) {
        frames = paths.emptyFrames
        elementPaths = paths.all
    }

    /// Closes all containers. Keeps the storage.
    mutating func reset(_ paths: borrowing JSONPathSet) {
        depth = 0
        isInObject = false
        tracked = 0
        elementPaths = paths.all
        wantsKeys = false
        countsElements = false
    }

    /// Opens a container. `frame` is kept if any of `reaching` (the paths that lead to it or end with it) is left.
    ///
    /// - Returns: true if the frame is kept.
    @inline(__always)
    mutating func open(isObject: Bool, _ frame: Frame, reaching: UInt64, in paths: borrowing JSONPathSet) -> Bool {
        let word = depth &>> 6
        let bit: UInt64 = 1 &<< UInt64(depth & 63)
        objectBits[word] = isObject ? objectBits[word] | bit : objectBits[word] & ~bit
        let isTracked = depth == tracked && reaching != 0
        if isTracked {
            frames[depth] = frame
            tracked += 1
        }
        depth += 1
        enter(isObject: isObject, in: paths)
        return isTracked
    }

    /// Closes the innermost container.
    ///
    /// - Returns: its frame; nil if nothing could match in it.
    @inline(__always)
    mutating func close(in paths: borrowing JSONPathSet) -> Frame? {
        depth -= 1
        var frame: Frame?
        if tracked > depth {
            tracked = depth
            frame = frames[depth]
        }
        if depth > 0 {
            enter(isObject: (objectBits[(depth - 1) &>> 6] &>> UInt64((depth - 1) & 63)) & 1 == 1, in: paths)
        } else {
            isInObject = false
        }
        return frame
    }

    /// Makes the container at `depth - 1` the innermost one.
    @inline(__always)
    private mutating func enter(isObject: Bool, in paths: borrowing JSONPathSet) {
        isInObject = isObject
        elementPaths = 0
        wantsKeys = false
        countsElements = false
        guard tracked == depth else { return }
        if isObject {
            wantsKeys = frames[depth - 1].candidates & paths.levels[depth - 1].members != 0
        } else {
            elementPaths = frames[depth - 1].candidates & paths.levels[depth - 1].elements
        }
        countsElements = frames[depth - 1].matched & paths.counting != 0
    }

    /// Counts an element or member of the innermost container, if a path counts them.
    @inline(__always)
    mutating func countElement() {
        if countsElements { frames[depth &- 1].elements &+= 1 }
    }

    /// The paths that lead into the innermost container. Only if `wantsKeys`.
    @inline(__always)
    var candidates: UInt64 { frames[depth &- 1].candidates }

    /// Records members of the innermost object. Returns those of `paths` whose member the object had before.
    @inline(__always)
    mutating func see(_ paths: UInt64) -> UInt64 {
        let again = paths & frames[depth &- 1].seen
        frames[depth &- 1].seen |= paths
        return again
    }
}
