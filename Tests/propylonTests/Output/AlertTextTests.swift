import Clocks
import Foundation
import Policy
import Testing

@testable import propylon

@Suite struct AlertTextTests {
    private let text = AlertText(TimeText(zone: TimeZone(identifier: "Europe/Paris") ?? .gmt))

    private func failing() -> PendingAlerts {
        var progress = AlertProgress(position: 4)
        progress.failures = 3
        progress.lastError = "HTTP status 503"
        progress.triedAt = Timestamp(seconds: 1_795_861_163)
        progress.nextAt = Timestamp(seconds: 1_795_862_963)
        let event = Event(at: Timestamp(seconds: 1_795_861_000), .limitReached, "abcdefghjk")
        return PendingAlerts(
            name: "webhook 1", progress: progress, count: 12, first: NumberedEvent(5, event, keyName: "ada"))
    }

    private let idle = PendingAlerts(name: "email", progress: AlertProgress(position: 4), count: 0, first: nil)

    @Test func eachRecipientIsALine() {
        #expect(
            text.table([idle, failing()]) == """
                RECIPIENT  WAITING  SINCE             FAILURES  NEXT ATTEMPT      LAST ERROR
                email            0  -                        0  -                 -
                webhook 1       12  2026-11-28 11:16         3  2026-11-28 11:49  HTTP status 503

                """)
        #expect(text.table([]) == "There is no recipient of alerts.\n")
    }

    @Test func scriptsGetEveryMember() {
        #expect(
            text.json([failing()]).line
                == #"[{"recipient":"webhook 1","waiting":12,"oldest":"limit.reached","#
                + #""oldest_at":"2026-11-28T11:16:40+01:00","failures":3,"last_error":"HTTP status 503","#
                + #""last_attempt":"2026-11-28T11:19:23+01:00","next_attempt":"2026-11-28T11:49:23+01:00"}]"#)
        #expect(
            text.json([idle]).line
                == #"[{"recipient":"email","waiting":0,"oldest":null,"oldest_at":null,"failures":0,"last_error":null,"#
                + #""last_attempt":null,"next_attempt":null}]"#)
    }
}
