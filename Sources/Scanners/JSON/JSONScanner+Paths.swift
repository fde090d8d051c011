import Bytes

/// The matching of paths.
extension JSONScanner {
    /// Ends the key before `index`.
    @inline(__always)
    mutating func endKey(_ bytes: Span<UInt8>, at index: Int) throws(JSONError) {
        member.start = tokenStart
        containers.countElement()
        valuePaths = 0
        if text.isWanted { try matchKey(bytes, at: index) }
    }

    /// Finds the paths that lead to the member whose key ends before `index`.
    @inline(never)
    private mutating func matchKey(_ bytes: Span<UInt8>, at index: Int) throws(JSONError) {
        defer { text.end() }
        guard let place = text.complete(bytes, upTo: index, base: base) else { return }
        let level = containers.depth &- 1
        let candidates = containers.candidates
        switch place {
        case .gathered: valuePaths = paths.paths(forUnusual: text.gathered.span, at: level, among: candidates)
        case .piece(let range):
            valuePaths = paths.paths(for: bytes.extracting(unchecked: range), at: level, among: candidates)
        }
        guard valuePaths != 0 else { return }
        let again = containers.see(valuePaths)
        if again != 0 { try repeatMember(again, bytes, place) }
    }

    /// Handles a member whose name its object has had before, or which is another spelling of a judged one.
    private mutating func repeatMember(
        _ again: UInt64, _ bytes: Span<UInt8>, _ place: JSONTokenText.Place
    ) throws(JSONError) {
        guard again & (paths.refusing | JSONPathSet.misspelled) != 0 else {
            valuePaths &= ~(again & paths.keepingFirst)
            return matches.remove(again & valuePaths & paths.levels[containers.depth - 1].unique)
        }
        let name =
            switch place {
            case .gathered: Array(text.gathered)
            case .piece(let range): [UInt8](range, of: bytes)
            }
        if again & JSONPathSet.misspelled == 0 {
            throw JSONError(.duplicateMember(name: String(decoding: name, as: UTF8.self)), at: tokenStart)
        }
        let known = paths.resembled(by: name.span, at: containers.depth - 1, among: containers.candidates)
        throw JSONError(.misspelledMember(name: known ?? ""), at: tokenStart)
    }

    /// Publishes the current value, which is complete, for the paths that it matches.
    @inline(__always)
    mutating func publish(_ kind: JSONKind, to end: Int) {
        matches.publish(kind, for: matched, from: tokenStart, to: end, member: member, isEmpty: false)
    }

    /// Stores the text of the published value, which ends before `index`.
    mutating func capture(_ bytes: Span<UInt8>, upTo index: Int) {
        switch text.complete(bytes, upTo: index, base: base) {
        case .gathered:
            // Moved out: a span of it in `self` would exclude the access to `matches`.
            var gathered: [UInt8] = []
            text.swapGathered(with: &gathered)
            matches.keep(gathered.span, for: matched, limit: paths.captureLimit)
            text.swapGathered(with: &gathered)
        case .piece(let range):
            matches.keep(bytes.extracting(unchecked: range), for: matched, limit: paths.captureLimit)
        case nil: break
        }
    }

    /// Ends a container in which a path could match. `end` is the offset after it.
    mutating func endContainer(_ kind: JSONKind, _ frame: JSONContainers.Frame, isEmpty: Bool, at end: Int) {
        guard frame.matched != 0 else { return }
        openMeasures &= ~frame.matched
        matches.publish(
            kind, for: frame.matched, from: frame.start, to: end, member: frame.member, isEmpty: isEmpty)
        matches.addElements(frame.elements, for: frame.matched & paths.counting)
    }

    /// The paths for which the length of the current string counts.
    @inline(__always)
    var measures: UInt64 { openMeasures | matched & paths.measuring }

    /// Adds the current string, which ends before `end`, to the sums of `measures`.
    mutating func measure(upTo end: Int) {
        let (scalars, utf8Bytes) = length.decoded(written: end - tokenStart - 1)
        matches.addText(scalars: scalars, utf8Bytes: utf8Bytes, for: measures)
    }
}
