import Bytes
import Clocks
import Foundation
import Policy
import Transport

/// The messages between a gateway and its successor, over the Unix socket in the data folder. Each is a line of JSON.
///
///     successor                                   predecessor
///     hello ────────────────────────────────────▶ waits for its own predecessor, then commits all rows and holds the next
///     binds, reads the ledger    ◀──────────────── sockets, with their descriptors; or refused
///     restored ─────────────────────────────────▶ commits again, and ships rows
///     serves                     ◀──────────────── usage …
///     serving ──────────────────────────────────▶ accepts no more, and finishes its connections
///                                ◀──────────────── usage …, then its end
enum HandoverMessage: Codable, Equatable {
    /// The version of these messages.
    static let version = 1

    /// The successor: the version that it speaks, its process, and its program's version.
    case hello(version: Int, process: Int32, program: String)
    /// The predecessor hands nothing over, for `reason`.
    case refused(reason: String)
    /// The predecessor's listening sockets, in the order of the descriptors: their addresses in its configuration.
    case sockets(addresses: [String])
    /// The successor has read the usage in the ledger.
    case restored
    /// The successor accepts connections.
    case serving
    /// Rows of the predecessor that the successor has not read from the ledger.
    case usage([HandedOverUsage])
}

extension LocalSocket {
    /// Sends `message` with `descriptors`.
    func send(_ message: HandoverMessage, descriptors: [Int32] = []) throws {
        try send(Array(JSONEncoder().encode(message)), descriptors: descriptors)
    }

    /// Receives the next message. Returns nil at the end.
    func receiveMessage() throws -> (message: HandoverMessage, descriptors: [Int32])? {
        guard let (line, descriptors) = try receive() else { return nil }
        do {
            return (try JSONDecoder().decode(HandoverMessage.self, from: Data(line)), descriptors)
        } catch {
            for number in descriptors { _ = OwnedDescriptor(taking: number) }
            throw error
        }
    }
}

/// The usage of one row, as limits count it.
struct HandedOverUsage: Codable, Equatable {
    let id: [UInt64]
    let startedAt: Int64
    let key: String
    let team: String?
    let model: String?
    let user: String?
    let requests: Int64
    let tokens: Int64
    let outputTokens: Int64
    let cost: Int64
    let isOfBatches: Bool?

    init(_ record: UsageRecord) {
        id = [record.id.high, record.id.low]
        startedAt = record.startedAt.microseconds
        let owner = UsageOwner(record)
        key = owner.keyID
        team = owner.team
        model = owner.model
        user = owner.user
        let amounts = LimitAmounts(record)
        requests = amounts.requests
        tokens = amounts.tokens
        outputTokens = amounts.outputTokens
        cost = amounts.cost
        isOfBatches = record.endpoint == UsageRecord.endpointOfBatches
    }

    /// The same for the limiter.
    var request: LimitHistory.Requests {
        LimitHistory.Requests(
            startedAt: Timestamp(microseconds: startedAt),
            UsageOwner(keyID: key, team: team, model: model, user: user ?? ""),
            amounts: LimitAmounts(requests: requests, tokens: tokens, outputTokens: outputTokens, cost: cost),
            isOfBatches: isOfBatches ?? false)
    }
}
