import Glibc

/// What lies between two ends of a connection: it passes on as much as it is told to, or damages it.
final class TestWire {
    /// Where a client and a server session go: `client.first` and `server.first`.
    let client = TestDescriptors.socketPair()
    let server = TestDescriptors.socketPair()
    private var toServer: [UInt8] = []
    private var toClient: [UInt8] = []

    /// How many bytes were passed on towards the client.
    private(set) var passedToClient = 0

    /// Takes in all that either end sent.
    private func collect() {
        Self.drain(client.second, into: &toServer)
        Self.drain(server.second, into: &toClient)
    }

    /// Passes on at most so many bytes each way.
    func pass(_ count: Int = .max) { pass(toServer: count, toClient: count) }

    func pass(toServer serverCount: Int, toClient clientCount: Int) {
        collect()
        Self.push(min(serverCount, toServer.count), of: &toServer, to: server.second)
        passedToClient += Self.push(min(clientCount, toClient.count), of: &toClient, to: client.second)
    }

    /// How many bytes wait to be passed on to the client.
    var waitingForClient: Int {
        collect()
        return toClient.count
    }

    /// Flips a bit of what waits to be passed on to the client.
    func damage(at index: Int) {
        collect()
        toClient[index] ^= 0x10
    }

    private static func drain(_ descriptor: Int32, into bytes: inout [UInt8]) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 { bytes += buffer[..<count] }
    }

    @discardableResult
    private static func push(_ count: Int, of bytes: inout [UInt8], to descriptor: Int32) -> Int {
        guard count > 0 else { return 0 }
        let sent = max(0, send(descriptor, bytes, count, Int32(MSG_NOSIGNAL)))
        bytes.removeFirst(sent)
        return sent
    }
}
