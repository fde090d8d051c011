/// A block of IP addresses, such as `10.0.0.0/8` or `2001:db8::/32` (RFC 4632, section 3.1).
package struct AddressBlock: Sendable, Hashable {
    private let first: SocketAddress
    /// Leading bits that all addresses of the block share.
    private let prefix: Int

    /// Reads a block, or one address. Nil for any other text.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = SocketAddress(String(parts[0]), port: 0) else { return nil }
        let longest = address.bytes.count * 8
        guard parts.count == 2 else {
            (first, prefix) = (address, longest)
            return
        }
        guard let prefix = Int(parts[1]), (0...longest).contains(prefix), parts[1].first != "+" else { return nil }
        (first, self.prefix) = (address, prefix)
    }

    /// True for an address within the block, with any port.
    package func contains(_ address: SocketAddress) -> Bool {
        guard address.family == first.family else { return false }
        for (index, (mine, other)) in zip(first.bytes, address.bytes).enumerated() {
            let bits = min(max(prefix - index * 8, 0), 8)
            guard (mine ^ other) >> (8 - bits) == 0 else { return false }
        }
        return true
    }
}
