import OpenAIAPI
import Testing

/// The status, type and code that a factory promises.
struct ErrorRow: Sendable, CustomTestStringConvertible {
    let error: APIError
    let status: Int
    let type: String
    let code: String
    var shouldRetry: Bool?
    var param: String?

    init(
        _ error: APIError, _ status: Int, _ type: String, _ code: String, shouldRetry: Bool? = nil, param: String? = nil
    ) {
        self.error = error
        self.status = status
        self.type = type
        self.code = code
        self.shouldRetry = shouldRetry
        self.param = param
    }

    var testDescription: String { "\(status) \(code)" }

    func check() {
        #expect(error.status == status)
        #expect(error.type == type)
        #expect(error.code == code)
        #expect(error.shouldRetry == shouldRetry)
        #expect(error.param == param)
        #expect(error.message.count > 5)
        #expect(error.message.hasSuffix("."))
    }
}
