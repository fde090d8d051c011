import Bytes
import Scanners
import Testing

@testable import OpenAIAPI

/// The table is complete and free of contradictions, so that a new row needs no other place to be right.
@Suite struct EndpointTraitsTests {
    private let table = EndpointTraits.table

    @Test func everyEndpointHasOneRowAtItsOrdinal() {
        #expect(table.map(\.endpoint) == Endpoint.allCases)
    }

    @Test func namesAreUnique() {
        #expect(Set(table.map(\.name)).count == table.count)
    }

    @Test func everyEndpointHasAPath() {
        for row in table { #expect(!row.paths.isEmpty, "\(row.name)") }
    }

    @Test func pathsAreUnique() {
        let patterns = table.flatMap(\.paths).map(\.pattern.description)
        #expect(Set(patterns).count == patterns.count)
    }

    @Test func everyPathTakesAMethod() {
        for path in table.flatMap(\.paths) { #expect(!path.methods.isEmpty, "\(path.pattern)") }
    }

    @Test func onlyTheLastPathMatchesEverything() {
        let patterns = table.flatMap(\.paths).filter { !$0.isFixed }.map(\.pattern.description)
        #expect(patterns.last == "/v1/{rest}")
    }

    @Test func everyFixedPathRoutesToItsEndpointWithItsMethods() {
        for row in table {
            for path in row.paths where path.isFixed {
                let text = Array(path.pattern.description.utf8)
                for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get"] {
                    let method = Array(method.utf8)
                    let routed = route(method: method.span, path: text.span)
                    if path.methods.contains(method.span) {
                        #expect(
                            routed
                                == .endpoint(
                                    row.endpoint,
                                    upstreamPath: UpstreamPath(from: path.upstreamStart, webSocket: path.webSocket)))
                    } else {
                        #expect(routed == .methodNotAllowed(allow: path.methods.allow))
                    }
                }
            }
        }
    }

    @Test func everyPatternRoutesToItsEndpoint() {
        for row in table {
            for path in row.paths where !path.isFixed {
                let text = path.pattern.description.replacing("{id}", with: "a-1").replacing("{model}", with: "m/x:1b")
                    .replacing("{rest}", with: "some/thing")
                let methods = path.methods.allow.split(separator: ", ")
                for method in methods {
                    let routed = route(method: Array(method.utf8).span, path: Array(text.utf8).span)
                    guard case .endpoint(row.endpoint, _) = routed else {
                        Issue.record("\(method) \(text) is routed to \(routed)")
                        continue
                    }
                }
            }
        }
    }

    @Test func whatTheUpstreamGetsIsAPathOfTheSameEndpoint() {
        for row in table {
            for path in row.paths where path.upstreamStart > 0 {
                let rest = String(path.pattern.description.dropFirst(path.upstreamStart))
                #expect(row.paths.contains { $0.pattern.description == rest }, "\(path.pattern)")
            }
        }
    }

    @Test func writtenTextIsBilledByTokens() {
        for row in table where row.response.writesText { #expect(row.billing == .textTokens, "\(row.name)") }
        for row in table where row.billing == .textTokens { #expect(row.response.writesText, "\(row.name)") }
    }

    @Test func writtenTextHasABound() {
        for row in table where row.response.writesText { #expect(!row.request.outputBounds.isEmpty, "\(row.name)") }
    }

    @Test func tokensAreEstimatedFromText() {
        for row in table where [.textTokens, .inputTokens, .rerank, .characters].contains(row.billing) {
            #expect(!row.request.texts.isEmpty, "\(row.name)")
        }
    }

    @Test func imagesAreCountedInTheResponse() {
        for row in table { #expect((row.billing == .images) == (row.response.images != nil), "\(row.name)") }
    }

    @Test func audioComesAsAFile() {
        for row in table where row.billing == .audioMinutes { #expect(row.body == .multipart, "\(row.name)") }
    }

    @Test func statedQuantitiesAreThoseOfTheBill() {
        for row in table {
            let usage = row.response.usage
            if row.billing == .rerank { #expect(!usage.searchUnits.isEmpty, "\(row.name)") }
            switch row.billing {
            case .textTokens, .unknown: #expect(usage.basis == .tokens, "\(row.name)")
            case .inputTokens, .rerank: #expect(usage.basis == .inputTokens, "\(row.name)")
            case .audioMinutes: #expect(usage.basis == .audio, "\(row.name)")
            case .characters, .images, .connectionMinutes, .free: break
            }
        }
    }

    @Test func aRequiredModelIsInABodyThatIsRead() {
        for row in table where row.model == .requiredMember {
            #expect(row.body == .json, "\(row.name)")
            #expect(!row.mayHaveNoBody, "\(row.name)")
        }
    }

    @Test func resourcesHaveAListAndAnID() {
        for row in table where row.resource != nil {
            #expect(row.paths.filter(\.isFixed).count <= 1, "\(row.name)")
            #expect(row.paths.contains { $0.pattern.description.contains("{id}") }, "\(row.name)")
        }
    }

    @Test func everyRowFitsASetOfPaths() {
        for endpoint in Endpoint.allCases {
            #expect(RequestPaths.of(endpoint).set.count <= JSONPathSet.capacity)
            #expect(ResponsePaths.of(endpoint, .document).set.count <= JSONPathSet.capacity)
            #expect(ResponsePaths.of(endpoint, .event).set.count <= JSONPathSet.capacity)
        }
    }
}
