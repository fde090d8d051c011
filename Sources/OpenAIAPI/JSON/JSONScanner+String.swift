import Scanners

extension JSONScanner {
    /// The string that the path found; nil for other values, and for a string beyond the capture limit.
    func string(_ index: Int) -> String? {
        guard let found = found(index), found.kind == .string else { return nil }
        return found.text
    }
}
