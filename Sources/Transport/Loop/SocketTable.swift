/// The open sockets of a loop, by descriptor number.
///
/// The system reuses descriptor numbers. Each registration therefore has a generation, and a token holds both: an event for a
/// socket that was closed does not reach the socket that has its number now.
struct SocketTable {
    private struct Entry {
        /// Unretained: `Socket.close` removes the entry, and a socket is closed before it is freed.
        var socket: Unmanaged<Socket>?
        var generation: UInt32 = 0
    }

    private var entries: ContiguousArray<Entry> = []

    /// Adds `socket` and returns the token of its events.
    mutating func insert(_ socket: Socket) -> UInt64 {
        let index = Int(socket.descriptor)
        while entries.count <= index { entries.append(Entry()) }
        entries[index].generation &+= 1
        entries[index].socket = .passUnretained(socket)
        return UInt64(entries[index].generation) << 32 | UInt64(index)
    }

    /// Removes the socket with this descriptor.
    mutating func remove(_ descriptor: Int32) { entries[Int(descriptor)].socket = nil }

    /// The socket that got `token`; nil when it was removed.
    func socket(for token: UInt64) -> Unmanaged<Socket>? {
        let entry = entries[Int(token & 0xFFFF_FFFF)]
        return entry.generation == UInt32(token >> 32) ? entry.socket : nil
    }

    /// The socket with this descriptor; nil when there is none.
    func socket(at descriptor: Int32) -> Unmanaged<Socket>? { entries[Int(descriptor)].socket }
}
