import Settings
import Testing

@Suite struct SearchPathTests {
    @Test func whatIsNamedComesFirst() {
        let environment = ["PROPYLON_CONFIG": "/a.yaml"]
        #expect(SearchPath(option: "/b.yaml", environment: environment) == .file("/b.yaml"))
        #expect(SearchPath(option: nil, environment: environment) == .file("/a.yaml"))
    }

    @Test func elseTheUsualPlaces() {
        let places = ["./config/propylon.yaml", "/etc/propylon/propylon.yaml"]
        #expect(SearchPath(option: nil, environment: [:]) == .firstOf(places))
        #expect(SearchPath(option: nil, environment: ["PROPYLON_CONFIG": ""]) == .firstOf(places))
    }
}
