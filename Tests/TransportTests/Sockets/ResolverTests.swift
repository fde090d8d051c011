import Clocks
import Dispatch
import Loopback
import ManualTime
import SeededRandom
import Testing

@testable import Transport

@Suite struct ResolverTests {
    @Test func aNumericAddressNeedsNoLookup() async throws {
        try await onSteppedLoop { loop, _ in
            // The deadline has passed: a look-up could only time out.
            let addresses = try await Resolver.system.addresses(
                of: "192.0.2.1", port: 80, on: loop, until: MonotonicTime(nanoseconds: 0))
            #expect(addresses == [SocketAddress("192.0.2.1", port: 80)!])
        }
    }

    @Test func aHostNameIsResolved() async throws {
        try await onLoop { loop in
            let addresses = try await Resolver.system.addresses(
                of: "localhost", port: 80, on: loop, until: loop.now + .seconds(30))
            #expect(addresses.contains(SocketAddress("127.0.0.1", port: 80)!))
        }
    }

    @Test func anUnknownHostIsNamed() async throws {
        try await onLoop { loop in
            let error = await #expect(throws: ConnectError.self) {
                try await Resolver.system.addresses(
                    of: "no such host.invalid", port: 80, on: loop, until: loop.now + .seconds(30))
            }
            #expect(error?.description.contains("no such host.invalid") == true)
        }
    }

    @Test func aResolverOfOnesOwnIsAskedEachTime() async throws {
        try await onLoop { loop in
            let resolver = Resolver { host, port in
                host == "a" ? .success([SocketAddress("192.0.2.7", port: port)!]) : .failure(.unknownHost(host, "no"))
            }
            let found = try await resolver.addresses(of: "a", port: 7, on: loop, until: loop.now + .seconds(30))
            #expect(found == [SocketAddress("192.0.2.7", port: 7)!])
            await #expect(throws: ConnectError.unknownHost("b", "no")) {
                try await resolver.addresses(of: "b", port: 7, on: loop, until: loop.now + .seconds(30))
            }
        }
    }

    @Test func aLookupEndsAtItsDeadline() async throws {
        let isOver = DispatchSemaphore(value: 0)
        defer { isOver.signal() }
        let resolver = Resolver { host, _ in
            _ = isOver.wait(timeout: .now() + 60)
            return .failure(.unknownHost(host, "late"))
        }
        try await onSteppedLoop { loop, _ in
            await #expect(throws: ConnectError.timedOut) {
                try await resolver.addresses(of: "a", port: 80, on: loop, until: MonotonicTime(nanoseconds: 0))
            }
        }
    }

    @Test func theFamiliesTakeTurns() {
        let six = (1...3).map { SocketAddress("::\($0)", port: 1)! }
        let four = (1...2).map { SocketAddress("10.0.0.\($0)", port: 1)! }
        #expect(Resolver.interleaved(six + four) == [six[0], four[0], six[1], four[1], six[2]])
        #expect(Resolver.interleaved(four + six) == [four[0], six[0], four[1], six[1], six[2]])
        #expect(Resolver.interleaved([]) == [])
    }

    @Test func noAddressIsLostAndEachFamilyKeepsItsOrder() {
        var random = SeededGenerator(seed: 8)
        for _ in 0..<500 {
            let addresses = (0..<random.number(0...9)).map { index in
                SocketAddress(random.once(in: 2) ? "::\(index + 1)" : "10.0.0.\(index + 1)", port: 1)!
            }
            let result = Resolver.interleaved(addresses)
            for family in [SocketAddress.Family.ipv4, .ipv6] {
                #expect(result.filter { $0.family == family } == addresses.filter { $0.family == family })
            }
            #expect(result.first == addresses.first)
        }
    }
}
