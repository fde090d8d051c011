import OpenAIAPI
import Testing

@Suite struct EndpointTests {
    @Test func theNamesAreThoseOfTheTiersAndTheLedger() {
        #expect(
            Endpoint.allCases.map(\.rawValue) == [
                "chat/completions", "completions", "embeddings", "rerank", "audio/transcriptions", "audio/translations",
                "audio/speech", "images/generations", "models", "files", "batches", "realtime", "other",
            ])
    }

    @Test func inferenceNeedsAModelButForTranscriptions() {
        #expect(
            Endpoint.allCases.filter(\.needsModel) == [
                .chatCompletions, .completions, .embeddings, .rerank, .speech, .images,
            ])
    }

    @Test func filesComeAsMultipart() {
        #expect(Endpoint.allCases.filter { $0.bodyKind == .multipart } == [.transcriptions, .translations, .files])
        #expect(Endpoint.allCases.filter(\.takesUploads) == [.transcriptions, .translations, .files])
        #expect(Endpoint.allCases.filter { $0.bodyKind == .opaque } == [.models, .realtime])
    }
}
