import Bytes
import Synchronization

/// A simulation of the upstream: requests in, plans of responses out, without a socket.
///
/// A response is determined by the request, by the number of requests before it (ids, files) and by the options.
/// Requests are read with the scanners of the Scanners room, but not with the gateway's own reading of requests: tokens,
/// defaults and bounds are counted here a second time, so that the two can be compared.
package final class SandboxUpstream: Sendable {
    let options: SandboxOptions
    /// The JSON of the header and member `backend`.
    let backend: String
    let backendBytes: [UInt8]
    let store: Mutex<SandboxStore>
    let billed = Mutex<[SandboxPayer: SandboxUsage]>([:])
    private let idPrefix: String
    private let requestCount = Atomic<Int>(0)
    /// The minute of the last request, in minutes since 1970, and the number of requests before it.
    private let minuteSeen = Atomic<Int>(0)
    private let countBeforeMinute = Atomic<Int>(0)

    /// A sandbox without files, batches and usage.
    package init(options: SandboxOptions = SandboxOptions()) {
        self.options = options
        var json = JSONOutput()
        json.raw(#"{"engine_type":"#)
        json.string(options.engineType)
        json.raw(#","machine_name":"#)
        json.string(options.machineName)
        json.raw("}")
        backendBytes = json.bytes
        backend = String(decoding: json.bytes, as: UTF8.self)
        idPrefix = Self.hexadecimal(options.seed)
        store = Mutex(SandboxStore(byteLimit: options.storedBytes, itemLimit: options.storedItems))
    }

    /// The response to `request`.
    package func respond(to request: SandboxRequest) -> SandboxResponse { respond(to: request, isBatch: false) }

    func respond(to request: SandboxRequest, isBatch: Bool) -> SandboxResponse {
        let number = requestCount.add(1, ordering: .relaxed).newValue
        let call = Call(request: request, number: number, isBatch: isBatch)
        do throws(SandboxError) {
            try authorize(request)
            return try route(call)
        } catch { return deliver(error, to: call) }
    }

    private func authorize(_ request: SandboxRequest) throws(SandboxError) {
        guard let value = request.authorization, value.count > 7, value.prefix(7).lowercased() == "bearer " else {
            throw .unauthorized
        }
        if let key = options.apiKey, value.dropFirst(7) != key { throw .unauthorized }
    }

    // MARK: Helpers of the endpoints

    /// One request with its number.
    struct Call {
        let request: SandboxRequest
        let number: Int
        /// True for a line of a batch.
        let isBatch: Bool

        var query: Query { Query(request.query) }
    }

    /// Counts the requests of the present minute, roughly: the rate-limit headers count down with it.
    func requestsThisMinute(_ now: Int64) -> Int {
        let minute = Int(now / 60)
        let count = requestCount.load(ordering: .relaxed)
        if minuteSeen.exchange(minute, ordering: .relaxed) != minute {
            countBeforeMinute.store(count - 1, ordering: .relaxed)
        }
        return max(0, count - countBeforeMinute.load(ordering: .relaxed))
    }

    /// An id of this sandbox, as `chatcmpl-00000000000000000000002a`.
    func id(_ prefix: String, _ number: Int) -> String {
        prefix + idPrefix + Self.hexadecimal(UInt64(number))
    }

    private static func hexadecimal(_ value: some FixedWidthInteger) -> String {
        withUnsafeBytes(of: value.bigEndian) { Hexadecimal.text($0) }
    }

    /// The model called `name`, and the behaviour that the name requests.
    ///
    /// - Parameter streams: true for a stream of events, which can hold an error event.
    /// - Throws: the error of an unknown model, or the error that the name requests.
    func model(_ name: String, streams: Bool = false) throws(SandboxError) -> (SandboxModel, Behaviour) {
        guard let behaviour = try Behaviour(modelName: name) else {
            guard let model = SandboxModel.named(name) else { throw .unknownModel(name) }
            return (model, .standard)
        }
        if let error = behaviour.error(streams: streams) { throw error }
        return (.sandbox, behaviour)
    }
}
