package dev.millrace.kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The pickles are what {@code pickle.dumps} of Python 3.11 gave. */
final class PicklesTest {
    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({
        "dict, 0, 286470300a56610a70310a49310a7356620a70320a286c70330a46312e350a614e614930310a61732e",
        "dict, 1, 7d71002858010000006171014b0158010000006271025d710328473ff80000000000004e4930310a65752e",
        "dict, 2, 80027d71002858010000006171014b0158010000006271025d710328473ff80000000000004e8865752e",
        "dict, 3, 80037d71002858010000006171014b0158010000006271025d710328473ff80000000000004e8865752e",
        "dict, 4, 8004951e000000000000007d94288c0161944b018c0162945d9428473ff80000000000004e8865752e",
        "dict, 5, 8005951e000000000000007d94288c0161944b018c0162945d9428473ff80000000000004e8865752e",
        "text, 0, 5668656c6c6f0a70300a2e",
        "text, 1, 580500000068656c6c6f71002e",
        "text, 2, 8002580500000068656c6c6f71002e",
        "text, 3, 8003580500000068656c6c6f71002e",
        "text, 4, 80049509000000000000008c0568656c6c6f942e",
        "text, 5, 80059509000000000000008c0568656c6c6f942e",
        "tuple, 0, 2849310a49320a7470300a2e",
        "tuple, 1, 284b014b027471002e",
        "tuple, 2, 80024b014b028671002e",
        "tuple, 3, 80034b014b028671002e",
        "tuple, 4, 80049507000000000000004b014b0286942e",
        "tuple, 5, 80059507000000000000004b014b0286942e",
        "bytes, 0, 635f636f646563730a656e636f64650a70300a285661620a70310a566c6174696e310a70320a7470330a5270340a2e",
        "bytes, 1, 635f636f646563730a656e636f64650a71002858020000006162710158060000006c6174696e3171027471035271042e",
        "bytes, 2, 8002635f636f646563730a656e636f64650a710058020000006162710158060000006c6174696e3171028671035271042e",
        "bytes, 3, 80034302616271002e",
        "bytes, 4, 800495060000000000000043026162942e",
        "bytes, 5, 800595060000000000000043026162942e",
        "list, 0, 286c70300a286c70310a61286470320a6156f65c75303030610a70330a612e",
        "list, 1, 5d7100285d71017d71025803000000c3b60a7103652e",
        "list, 2, 80025d7100285d71017d71025803000000c3b60a7103652e",
        "list, 3, 80035d7100285d71017d71025803000000c3b60a7103652e",
        "list, 4, 8004950f000000000000005d94285d947d948c03c3b60a94652e",
        "list, 5, 8005950f000000000000005d94285d947d948c03c3b60a94652e",
        "set, 0, 635f5f6275696c74696e5f5f0a7365740a70300a28286c70310a49310a617470320a5270330a2e",
        "set, 1, 635f5f6275696c74696e5f5f0a7365740a7100285d71014b01617471025271032e",
        "set, 2, 8002635f5f6275696c74696e5f5f0a7365740a71005d71014b01618571025271032e",
        "set, 3, 8003636275696c74696e730a7365740a71005d71014b01618571025271032e",
        "set, 4, 80049507000000000000008f94284b01902e",
        "set, 5, 80059507000000000000008f94284b01902e",
        "object, 0, 63636f6c6c656374696f6e730a4f726465726564446963740a70300a28745270310a56610a70320a49310a732e",
        "object, 1, 63636f6c6c656374696f6e730a4f726465726564446963740a71002952710158010000006171024b01732e",
        "object, 2, 800263636f6c6c656374696f6e730a4f726465726564446963740a71002952710158010000006171024b01732e",
        "object, 3, 800363636f6c6c656374696f6e730a4f726465726564446963740a71002952710158010000006171024b01732e",
        "object, 4, 80049529000000000000008c0b636f6c6c656374696f6e73948c0b4f726465726564446963749493942952948c0161944b01732e",
        "object, 5, 80059529000000000000008c0b636f6c6c656374696f6e73948c0b4f726465726564446963749493942952948c0161944b01732e",
        "evil, 0, 63706f7369780a73797374656d0a70300a2856747275650a70310a7470320a5270330a2e",
        "evil, 1, 63706f7369780a73797374656d0a71002858040000007472756571017471025271032e",
        "evil, 2, 800263706f7369780a73797374656d0a710058040000007472756571018571025271032e",
        "evil, 3, 800363706f7369780a73797374656d0a710058040000007472756571018571025271032e",
        "evil, 4, 8004951f000000000000008c05706f736978948c0673797374656d9493948c047472756594859452942e",
        "evil, 5, 8005951f000000000000008c05706f736978948c0673797374656d9493948c047472756594859452942e"
    })
    void protocol_valueThatPythonPickled_isRecognised(String what, int protocol, String digits) {
        byte[] pickle = HexFormat.of().parseHex(digits);

        assertThat(Pickles.protocol(pickle)).as(what).isEqualTo(protocol < 2 ? Pickles.UNMARKED : protocol);
        assertThat(Pickles.protocol(Arrays.copyOf(pickle, pickle.length - 1))).isEqualTo(Pickles.NONE);
        if (protocol < 2) {
            byte[] longer = Arrays.copyOf(pickle, pickle.length + 1);
            longer[pickle.length] = '.';
            assertThat(Pickles.protocol(longer)).isEqualTo(Pickles.NONE);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"I5\n.", "L123456789012345678901L\n.", "F1.5\n.", "F-1e-300\n.", "Finf\n.", "I01\n."})
    void protocol_numberOfProtocol0_isRecognised(String pickle) {
        assertThat(Pickles.protocol(utf8(pickle))).isEqualTo(Pickles.UNMARKED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "N.",
                ").",
                "(t.",
                "K\u0001.",
                "I am.",
                "I\n.",
                "It was late.\nVery late.\n.",
                "Vote.\nplease.",
                "Vote\n.",
                "(It ends.)\n.",
                "I5\nI6\n.",
                "(I5\n.",
                "I5\n.\n",
                "p0\n.",
                "q\u0001.",
                "a.",
                "s.",
                "Q.",
                "0.",
                "X\u00ff\u00ff\u00ff\u00ff.",
                "U\u007f.",
                "T\u0000.",
                "G.",
                "5.",
                "1.5"
            })
    void protocol_textThatLooksAlike_isNotTakenForOne(String text) {
        assertThat(Pickles.protocol(utf8(text))).isEqualTo(Pickles.NONE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"80", "8004", "802E", "80012E", "80062E", "80FF2E", "81A1612E", "80044B05", "C4012E", "93010203"
            })
    void protocol_bytesThatLookAlike_areNotTakenForOne(String digits) {
        assertThat(Pickles.protocol(HexFormat.of().parseHex(digits))).isEqualTo(Pickles.NONE);
    }

    @Test
    void protocol_anyBytes_areJudgedWithoutFailing() {
        SplittableRandom random = new SplittableRandom(5);
        byte[] opcodes = utf8("(NI1\n.VxSPcKMJGUTXpqrghj012tdliobaRseuQ])}L F\0");
        for (int i = 0; i < 100_000; i++) {
            byte[] bytes = new byte[random.nextInt(1, 12)];
            for (int at = 0; at < bytes.length; at++) {
                bytes[at] = opcodes[random.nextInt(opcodes.length)];
            }
            bytes[bytes.length - 1] = '.';

            assertThat(Pickles.protocol(bytes) <= Pickles.UNMARKED).isTrue();
        }
    }
}
