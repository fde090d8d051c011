import Testing

@testable import OpenAIAPI

@Suite struct EndpointTests {
    @Test func namesAreThoseOfTiersAndLedger() {
        #expect(
            Endpoint.allCases.map(\.name) == [
                "chat/completions", "completions", "embeddings", "rerank", "audio/transcriptions", "audio/translations",
                "audio/speech", "images/generations", "models", "files", "batches", "realtime", "responses",
                "responses/{id}", "conversations", "responses/input_tokens", "messages", "messages/count_tokens",
                "other",
            ])
    }

    @Test func ordinalsCountFromZero() {
        #expect(Endpoint.allCases.map(\.ordinal) == Array(0..<Endpoint.allCases.count))
    }

    @Test(arguments: [
        (Endpoint.chatCompletions, Billing.textTokens), (.completions, .textTokens), (.embeddings, .inputTokens),
        (.rerank, .rerank), (.transcriptions, .audioMinutes), (.translations, .audioMinutes), (.speech, .characters),
        (.images, .images), (.models, .free), (.files, .free), (.batches, .free), (.realtime, .connectionMinutes),
        (.responses, .textTokens), (.storedResponses, .free), (.conversations, .free), (.inputTokens, .free),
        (.messages, .textTokens), (.tokenCounts, .free), (.other, .unknown),
    ])
    func everyEndpointIsBilledByItsQuantities(endpoint: Endpoint, billing: Billing) {
        #expect(endpoint.billing == billing)
    }

    @Test func everyWayOfBillingHasAnEndpoint() {
        #expect(Set(Endpoint.allCases.map(\.billing)) == Set(Billing.allCases))
    }

    @Test func inferenceNeedsAModelExceptTranscriptions() {
        #expect(
            Endpoint.allCases.filter(\.needsModel) == [
                .chatCompletions, .completions, .embeddings, .rerank, .speech, .images, .responses,
                .inputTokens, .messages, .tokenCounts,
            ])
    }

    @Test func filesArriveAsMultipart() {
        #expect(Endpoint.allCases.filter { $0.bodyKind == .multipart } == [.transcriptions, .translations, .files])
    }

    @Test func uploadsHaveTheLargerLimit() {
        #expect(Endpoint.allCases.filter(\.takesUploads) == [.transcriptions, .translations, .files])
    }

    @Test func whatNamesNoModelInItsBodyIsForwardedUnread() {
        #expect(
            Endpoint.allCases.filter { $0.bodyKind == .opaque }
                == [.models, .realtime, .storedResponses, .conversations])
    }

    @Test func onlyUnknownPathsAreReadByTheirContentType() {
        #expect(Endpoint.allCases.filter { $0.bodyKind == .jsonWhereDeclared } == [.other])
    }

    @Test func someRequestsHaveNoBody() {
        #expect(
            Endpoint.allCases.filter(\.mayHaveNoBody) == [.files, .batches, .storedResponses, .conversations, .other])
    }

    @Test func onlyRealtimeNamesItsModelInTheQuery() {
        #expect(Endpoint.allCases.filter(\.namesModelInQuery) == [.realtime])
    }

    @Test func writesToUnseenModelsMayReachAny() {
        #expect(Endpoint.allCases.filter { $0.mayUseAnyModel(isWrite: true) } == [.realtime, .other])
    }

    @Test func readsReachAModelInRealtimeOnly() {
        #expect(Endpoint.allCases.filter { $0.mayUseAnyModel(isWrite: false) } == [.realtime])
    }

    @Test func aRealtimeSessionIsNeverRepeated() {
        #expect(Endpoint.allCases.filter { !$0.repeatsIdempotentMethods } == [.realtime])
    }

    @Test func whatTheUpstreamKeepsIsAResource() {
        #expect(
            Endpoint.allCases.filter { $0.resourceKind != nil } == [.files, .batches, .storedResponses, .conversations])
        #expect(Endpoint.files.resourceKind == .file)
        #expect(Endpoint.batches.resourceKind == .batch)
        #expect(Endpoint.storedResponses.resourceKind == .response)
        #expect(Endpoint.conversations.resourceKind == .conversation)
    }

    @Test func completionsWriteTextAndStateTheUsageOfStreams() {
        #expect(Endpoint.allCases.filter(\.writesText) == [.chatCompletions, .completions, .responses, .messages])
        #expect(Endpoint.allCases.filter(\.streamsUsage) == [.chatCompletions, .completions])
    }
}
