import Clocks
import HTTPClient
import OpenAIAPI
import Policy

extension RequestPipeline {
    /// Checks the lines of a new batch as requests of their own, and holds the most that they can use until the batch is billed.
    @inline(never)
    func admitBatch(_ lines: BatchLines, of key: KeyRecord, _ request: ResourceRequest) throws(RequestFailure) {
        if let fault = lines.fault { throw .refused(.invalidBatchInput(fault)) }
        try checkLines(lines, of: key)
        let now = gateway.clock.limitTime
        do throws(LimitRefusal) {
            request.hold = try gateway.limiter.hold(lines, of: key, at: now)
        } catch { throw refused(by: error, .batches, at: now) }
    }

    private func checkLines(_ lines: BatchLines, of key: KeyRecord) throws(RequestFailure) {
        guard let url = lines.url else { return }
        if let endpoint = details.metadata?.batch?.endpoint, endpoint != url {
            throw .refused(.otherEndpointInBatch(lines: url, batch: endpoint))
        }
        let endpoint: Endpoint
        if case .endpoint(let known, _) = OpenAIAPI.route(method: "POST".utf8.span, path: url.utf8.span) {
            endpoint = known
        } else {
            endpoint = .other
        }
        for model in lines.models.keys.sorted() {
            do throws(AdmissionRefusal) {
                try snapshot.policies.admit(key, endpoint: endpoint.name, model: model)
            } catch { throw .admission(error, endpoint: endpoint, model: model) }
            let served = snapshot.policies.models.served(model)
            // The file is at the upstream already, which does not know the alias.
            guard served == model else { throw .refused(.aliasInBatch(model, served: served)) }
        }
    }

    /// Gives back what is held for a batch that was not made.
    @inline(never)
    func releaseHold(of request: ResourceRequest) {
        guard let hold = request.hold else { return }
        request.hold = nil
        _ = gateway.limiter.settle(hold, [], at: gateway.clock.limitTime)
    }

    /// The lines of `file`. Those of a file that was not seen, or not as a batch's, are read from the upstream once.
    @inline(never)
    func lines(of file: OwnedResource) async throws(RequestFailure) -> BatchLines {
        if let lines = file.lines { return lines }
        if let key = details.key, let refusal = countFurtherRequest(of: key, .batches) { throw refusal }
        let scanner = BatchInputScanner()
        let isThere: Bool
        do throws(UpstreamFailure) {
            isThere = try await snapshot.readFile(
                file.id, coding: "gzip", for: exchange.clientSocket, on: exchange.loop, at: gateway.clock,
                while: { [exchange] in !exchange.isConnectionAborted }
            ) { scanner.scan($0) }
        } catch { throw .upstream(error) }
        guard isThere else { throw .refused(.notFound) }
        let lines = BatchLines(scanner.finish())
        // If the store is out of reach, the next batch of the file reads it again.
        do throws(StoreUnavailable) { try await gateway.objects.setLines(lines, ofFile: file.id) } catch {}
        return lines
    }
}

extension BatchLines {
    /// The lines of a file that was read.
    init(_ input: BatchInput) {
        let models = input.models.mapValues { sum in
            var part = Part()
            part.lines = sum.lines
            part.likelyInputTokens = sum.likelyInputTokens
            part.mostInputTokens = sum.mostInputTokens
            part.outputTokens = sum.outputTokens
            part.unboundedOutputs = sum.unboundedOutputs
            part.largestOutput = sum.largestOutput
            return part
        }
        self.init(url: input.url, models: models, largestOutput: input.largestOutput, fault: input.fault)
    }
}
