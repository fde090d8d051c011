import SeededRandom
import Testing

@testable import OpenAIAPI

@Suite struct RoutingTableTests {
    private let table = RoutingTable.shared

    private func fixed(_ path: [UInt8]) -> Endpoint? { table.fixedPath(path.span)?.endpoint }

    private func fixed(_ path: String) -> Endpoint? { fixed(Array(path.utf8)) }

    private func pattern(_ path: String) -> Endpoint? { table.pattern(of: Array(path.utf8).span)?.0.endpoint }

    @Test func everyFixedPathIsFound() {
        for row in EndpointTraits.table {
            for path in row.paths where path.isFixed {
                #expect(fixed(path.pattern.description) == row.endpoint, "\(path.pattern)")
            }
        }
    }

    @Test func oneByteOffIsAnotherPath() {
        for path in EndpointTraits.table.flatMap(\.paths) where path.isFixed {
            let text = Array(path.pattern.description.utf8)
            for index in text.indices {
                var changed = text
                changed[index] ^= 0x20
                #expect(fixed(changed) == nil)
            }
            #expect(fixed(Array(text.dropLast())) == nil)
            #expect(fixed(text + [0x2F]) == nil)
        }
    }

    @Test func everyLengthIsLookedUp() {
        for length in 0...300 { #expect(fixed(Array(repeating: 0x61, count: length)) == nil) }
    }

    @Test(arguments: [
        ("/v1/files/a", Endpoint.files), ("/v1/batches/a/cancel", .batches), ("/v1/realtime/a/b", .realtime),
        ("/v1/models/a%2Fb", .models), ("/v1/responses/r", .storedResponses), ("/v1/responses/r/x", .other),
        ("/v1/other", .other), ("/v1/files/a/b", .other),
    ])
    func patternsAreTriedInTheOrderOfTheTable(path: String, endpoint: Endpoint) {
        #expect(pattern(path) == endpoint)
    }

    @Test func aSecondSpellingOfAFixedPathIsNeverForwarded() {
        var random = SeededGenerator(seed: 52)
        let paths = EndpointTraits.table.flatMap(\.paths).filter(\.isFixed).map(\.pattern.description)
        for path in paths where path.hasPrefix("/v1/") {
            for _ in 0..<50 {
                var spelling = "/v1/"
                for character in path.dropFirst(4) {
                    switch random.number(0...9) {
                    case 0: spelling += character.uppercased()
                    case 1: spelling += "%" + String(character.asciiValue!, radix: 16)
                    case 2 where character == "/": spelling += "//"
                    case 2: spelling += String(character)
                    default: spelling += String(character)
                    }
                }
                spelling += random.pick(["", "/", ";a=b"])
                guard spelling != path else { continue }
                #expect(pattern(spelling) == nil, "\(spelling)")
            }
        }
    }

    @Test func aTableOfOneRowHasItsOwnPaths() {
        let row = EndpointTraits(
            endpoint: .speech, name: "x", paths: [EndpointPath("/v1/x", .post), EndpointPath("/v1/x/{id}", .read)],
            body: .json, model: .path, billing: .free)
        let table = RoutingTable([row])
        #expect(table.fixedPath(Array("/v1/x".utf8).span)?.endpoint == .speech)
        #expect(table.fixedPath(Array("/v1/y".utf8).span) == nil)
        #expect(table.pattern(of: Array("/v1/x/1".utf8).span)?.0.endpoint == .speech)
        #expect(table.pattern(of: Array("/v1/y/1".utf8).span) == nil)
    }

    @Test func anEmptyTableRoutesNothing() {
        #expect(RoutingTable([]).fixedPath(Array("/v1/x".utf8).span) == nil)
        #expect(RoutingTable([]).pattern(of: Array("/v1/x".utf8).span) == nil)
    }
}
