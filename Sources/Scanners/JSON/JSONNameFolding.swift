import Bytes

/// Other spellings of a member's name that some servers read as the name.
///
/// Go compares names without regard to case, by Unicode's simple folding: U+017F is an `s`, and the Kelvin sign a `k`.
enum JSONNameFolding {
    /// The most bytes of a spelling that `isSpelling` recognises.
    static func longestSpelling(of known: ArraySlice<UInt8>) -> Int {
        known.reduce(0) { length, byte in
            switch byte {
            case UInt8(ascii: "k"): length + 3
            case UInt8(ascii: "s"): length + 2
            default: length + 1
            }
        }
    }

    /// Returns true if `name` has a capital or a byte outside ASCII: only then can it be another spelling of a name in lower case.
    static func hasOtherLetters(_ name: Span<UInt8>) -> Bool {
        for index in 0..<name.count {
            let byte = name[unchecked: index]
            if byte >= 0x80 || byte &- 0x41 < 26 { return true }
        }
        return false
    }

    /// Returns true if `name` can be read as `known`, which is in lower case.
    static func isSpelling(_ name: Span<UInt8>, of known: ArraySlice<UInt8>) -> Bool {
        var index = 0
        for byte in known {
            guard index < name.count else { return false }
            if ASCII.lowercased(name[index]) == byte {
                index += 1
            } else if byte == UInt8(ascii: "s"), name.hasPrefix("\u{17F}", from: index, to: name.count) {
                index += 2
            } else if byte == UInt8(ascii: "k"), name.hasPrefix("\u{212A}", from: index, to: name.count) {
                index += 3
            } else {
                return false
            }
        }
        return index == name.count
    }
}
