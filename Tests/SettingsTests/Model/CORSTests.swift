import Testing

@testable import Settings

@Suite struct CORSTests {
    @Test(arguments: ["*", "https://a.example", "http://localhost:3000", "http://[::1]:8080"])
    func originsAreTaken(origin: String) throws {
        #expect(try load("cors: { origins: [\"\(origin)\"] }\n").0.cors.origins == [origin])
    }

    @Test(arguments: [
        "https://a.example/", "https://a.example/x", "https://A.example", "https://a.example:443", "a.example", "null",
    ])
    func whatNoBrowserSendsIsRefused(origin: String) {
        #expect(!issues("cors: { origins: [\"\(origin)\"] }\n").isEmpty)
    }
}
