package dev.millrace.genome;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class WindowFormatTest {
    @ParameterizedTest
    @ValueSource(strings = {"plain", "ctrl", "nobos_noeos", "noeos", "rc_always", "ctrl_noeos"})
    void encode_windowsOfTheOriginal_areTheSameBitForBit(String config) throws IOException {
        JsonNode reference = ReferenceWindows.json("windows_W128_S100_items.json");
        assertSameItems(reference.get("windows").get(config), format(128, config), 100, 24);
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "ctrl"})
    void encode_windowsOf8192_areTheSameBitForBit(String config) throws IOException {
        JsonNode reference = ReferenceWindows.json("windows_W8192_S7992_items.json.gz");
        JsonNode windows = reference.path("windows").has(config) ? reference.get("windows") : reference;
        assertSameItems(windows.get(config), format(8192, config), 7992, 1);
    }

    private static WindowFormat format(int windowSize, String config) {
        return WindowFormat.builder(windowSize)
                .controlTags(config.startsWith("ctrl"))
                .includeBos(!config.equals("nobos_noeos"))
                .includeEos(!config.endsWith("noeos"))
                .reverseComplement(config.equals("rc_always") ? RcMode.ALWAYS : RcMode.NEVER)
                .build();
    }

    private static void assertSameItems(JsonNode items, WindowFormat format, int stride, int least) throws IOException {
        JsonNode sequences = ReferenceWindows.json("sequences.json.gz");
        assertThat(items).hasSizeGreaterThanOrEqualTo(least);
        for (JsonNode item : items) {
            WindowItem ours = format.encode(ReferenceWindows.window(sequences, item, stride, format));
            String name = "window " + item.get("window_idx");
            assertThat(ours.tokens()).as(name).isEqualTo(ReferenceWindows.longs(item.get("tokens")));
            assertThat(ours.labels()).as(name).isEqualTo(ReferenceWindows.longs(item.get("labels")));
            long[] mask = ReferenceWindows.longs(item.get("loss_mask"));
            assertThat(IntStream.range(0, mask.length)
                            .mapToLong(i -> (long) ours.lossMask()[i])
                            .toArray())
                    .as(name)
                    .isEqualTo(mask);
            assertThat(ours.lossTokens()).as(name).isEqualTo((int)
                    Arrays.stream(mask).sum());
        }
    }
}
