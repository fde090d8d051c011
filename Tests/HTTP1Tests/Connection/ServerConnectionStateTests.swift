import Testing

@testable import HTTP1

@Suite struct ServerConnectionStateTests {
    private let plain: RequestHead
    private let withBody: RequestHead
    private let closing: RequestHead

    init() throws {
        plain = try requestHead(request("content-length: 0"))
        withBody = try requestHead(request("content-length: 5"))
        closing = try requestHead(request("connection: close"))
    }

    @Test func exchangesFollowEachOther() {
        var state = ServerConnectionState()
        for _ in 0..<3 {
            #expect(state.isIdle)
            #expect(!state.mustClose)
            state.requestHeadStarted()
            #expect(!state.isIdle)
            state.requestHeadComplete(withBody)
            #expect(state.mustClose)
            state.requestBodyComplete()
            #expect(!state.mustClose)
            state.responseStarted(keepAlive: true)
            #expect(state.responseComplete() == .keepOpen)
            state.requestHeadComplete(plain)
            #expect(!state.mustClose)
            #expect(!state.isIdle)
            state.responseStarted(keepAlive: true)
            #expect(state.responseComplete() == .keepOpen)
        }
    }

    @Test func closesWhereTheClientWantsIt() {
        var state = ServerConnectionState()
        state.requestHeadComplete(closing)
        #expect(state.mustClose)
        state.responseStarted(keepAlive: true)
        #expect(state.responseComplete() == .close)
        #expect(state.mustClose)
        #expect(!state.isIdle)
    }

    @Test func closesWhereTheResponseSaysSo() {
        var state = ServerConnectionState()
        state.requestHeadComplete(plain)
        state.responseStarted(keepAlive: false)
        #expect(state.mustClose)
        #expect(state.responseComplete() == .close)
    }

    @Test func closesWhereTheBodyIsUnread() {
        var state = ServerConnectionState()
        state.requestHeadComplete(withBody)
        state.responseStarted(keepAlive: true)
        #expect(state.responseComplete() == .close)
    }

    @Test func closesWhereNoResponseWasBegun() {
        var state = ServerConnectionState()
        state.requestHeadComplete(plain)
        #expect(state.responseComplete() == .close)
    }

    @Test func aBodyReadDuringTheResponseIsRead() {
        var state = ServerConnectionState()
        state.requestHeadComplete(withBody)
        state.responseStarted(keepAlive: true)
        state.requestBodyComplete()
        #expect(state.responseComplete() == .keepOpen)
    }

    @Test func faultsAreAnsweredAndClose() {
        var idle = ServerConnectionState()
        idle.failed()
        #expect(idle.mustClose)
        #expect(!idle.isIdle)
        idle.responseStarted(keepAlive: false)
        #expect(idle.responseComplete() == .close)
        idle.failed()
        #expect(idle.mustClose)

        var midway = ServerConnectionState()
        midway.requestHeadComplete(plain)
        midway.responseStarted(keepAlive: true)
        midway.failed()
        #expect(midway.responseComplete() == .close)
    }

    @Test func drainingEndsIdleConnectionsAtOnceAndOthersAfterTheirResponse() {
        var idle = ServerConnectionState()
        #expect(idle.drain() == .close)
        #expect(idle.mustClose)
        // A head that came in the same moment is answered all the same.
        idle.requestHeadComplete(plain)
        #expect(idle.mustClose)
        idle.responseStarted(keepAlive: false)
        #expect(idle.responseComplete() == .close)

        var reading = ServerConnectionState()
        reading.requestHeadStarted()
        #expect(reading.drain() == .keepOpen)
        reading.requestHeadComplete(plain)
        #expect(reading.mustClose)
        reading.responseStarted(keepAlive: false)
        #expect(reading.responseComplete() == .close)

        var responding = ServerConnectionState()
        responding.requestHeadComplete(plain)
        responding.responseStarted(keepAlive: true)
        #expect(responding.drain() == .keepOpen)
        #expect(responding.responseComplete() == .close)
        #expect(responding.drain() == .close)
    }
}
