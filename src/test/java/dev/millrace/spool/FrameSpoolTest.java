package dev.millrace.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class FrameSpoolTest {
    private static final long SEED = 20261120;
    private static final UUID PRODUCER = UUID.fromString("11111111-2222-4333-8444-555555555555");

    @TempDir
    private Path folder;

    @Test
    void append_manySegments_readsEveryFrameInOrder() throws IOException {
        FrameWriterSettings small = FrameWriterSettings.defaults().withSizes(2_000, 1 << 30);
        try (FrameWriter writer = open(small)) {
            write(writer, 0, 1_000);
        }
        assertThat(SpoolFolder.list(folder).get(PRODUCER)).hasSizeGreaterThan(10);
        try (FrameReader reader = reader(Position.START)) {
            assertThat(read(reader)).isEqualTo(numbers(0, 1_000));
            assertThat(reader.description()).containsExactly(Map.entry("who", "tester"));
            assertThat(reader.hasEnded()).isTrue();
            assertThat(reader.takeDamages()).isEmpty();
        }
    }

    @Test
    void next_fileGrows_goesOnWhereItStopped() throws IOException {
        try (FrameWriter writer = open(FrameWriterSettings.defaults().withSizes(3_000, 1 << 30));
                FrameReader reader = reader(Position.START)) {
            List<Long> all = new ArrayList<>();
            Position stored = Position.START;
            for (int round = 0; round < 50; round++) {
                write(writer, round * 10L, 10);
                if (round % 7 == 3) {
                    // Another process goes on from the position of this one.
                    try (FrameReader other = reader(stored)) {
                        assertThat(read(other)).isEqualTo(numbers(all.size(), (round + 1) * 10 - all.size()));
                    }
                }
                all.addAll(read(reader));
                stored = reader.position();
            }
            assertThat(all).isEqualTo(numbers(0, 500));
            assertThat(reader.hasEnded()).isFalse();
        }
    }

    @Test
    void next_tornTail_isWaitedForAndToldOnceTheProducerIsGone() throws IOException {
        Path segment = writeOne(100);
        byte[] whole = Files.readAllBytes(segment);
        for (int cut = 1; cut < 24; cut++) {
            Files.write(segment, Arrays.copyOf(whole, whole.length - END_FRAME - cut));
            try (FrameReader reader = reader(Position.START)) {
                assertThat(read(reader)).hasSize(99);
                assertThat(reader.takeDamages()).as("may be in writing").isEmpty();
                Files.write(segment, whole);
                assertThat(read(reader)).as("the rest came").containsExactly(99L);
                assertThat(reader.hasEnded()).isTrue();
            }
            Files.write(segment, Arrays.copyOf(whole, whole.length - END_FRAME - cut));
            try (FrameReader reader = reader(Position.START)) {
                read(reader);
                reader.producerIsGone();
                assertThat(reader.next()).isFalse();
                assertThat(reader.takeDamages())
                        .singleElement()
                        .satisfies(damage -> assertThat(damage.torn()).isTrue());
            }
        }
    }

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void next_tornTailBeforeAnotherSegment_isToldAndPassedOver() throws IOException {
        try (FrameWriter writer = open(FrameWriterSettings.defaults().withSizes(2_000, 1 << 30))) {
            write(writer, 0, 100);
            Path first = SpoolFolder.list(folder).get(PRODUCER).get(1);
            byte[] whole = Files.readAllBytes(first);
            Files.write(first, Arrays.copyOf(whole, whole.length - 5));
            int inFirst = (whole.length - (int) headerBytes()) / FRAME;
            List<Long> expected = numbers(0, 100);
            expected.remove(inFirst - 1);
            try (FrameReader reader = reader(Position.START)) {
                assertThat(read(reader)).isEqualTo(expected);
                List<Damage> damages = reader.takeDamages();
                assertThat(damages.get(0).file()).isEqualTo(first);
                assertThat(damages.stream().mapToLong(Damage::frames).sum()).isEqualTo(1);
            }
        }
    }

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void next_segmentWithoutHeaderMadeAnew_isReadFromTheNewFile() throws IOException {
        Path segment = writeOne(10);
        byte[] whole = Files.readAllBytes(segment);
        Files.write(segment, Arrays.copyOf(whole, 12));
        try (FrameReader reader = reader(Position.START)) {
            assertThat(reader.next()).isFalse();
            // As a producer does whose disk was full.
            Files.delete(segment);
            assertThat(reader.next()).isFalse();
            Files.write(segment, whole);
            assertThat(read(reader)).isEqualTo(numbers(0, 10));
        }
    }

    @Test
    void next_anyByteDamaged_losesAtMostTheFrameItIsIn() throws IOException {
        Path segment = writeOne(60);
        byte[] whole = Files.readAllBytes(segment);
        int header = (int) headerBytes();
        Random random = new Random(SEED);
        for (int at = header; at < whole.length - END_FRAME; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(segment, damaged);
            int victim = (at - header) / FRAME;
            List<Long> expected = numbers(0, 60);
            expected.remove(victim);
            try (FrameReader reader = reader(Position.START)) {
                assertThat(read(reader)).as("byte %d", at).isEqualTo(expected);
                assertThat(reader.takeDamages())
                        .as("byte %d", at)
                        .singleElement()
                        .satisfies(damage -> assertThat(damage.frames()).isEqualTo(1))
                        .satisfies(damage -> assertThat(damage.offset()).isEqualTo(header + victim * FRAME));
            }
        }
    }

    @Test
    void next_damagedStretches_neverInventsOrRepeatsAFrame() throws IOException {
        Path segment = writeOne(300);
        byte[] whole = Files.readAllBytes(segment);
        Random random = new Random(SEED);
        for (int round = 0; round < 150; round++) {
            byte[] damaged = whole.clone();
            int from = random.nextInt(whole.length);
            int length = 1 + random.nextInt(2_000);
            for (int at = from; at < Math.min(whole.length, from + length); at++) {
                damaged[at] = round % 2 == 0 ? 0 : (byte) random.nextInt();
            }
            if (round % 5 == 0) {
                damaged = Arrays.copyOf(damaged, random.nextInt(whole.length));
            }
            Files.write(segment, damaged);
            try (FrameReader reader = reader(Position.START)) {
                reader.producerIsGone();
                List<Long> found = read(reader);
                assertThat(found)
                        .as("round %d, seed %d", round, SEED)
                        .isSorted()
                        .doesNotHaveDuplicates();
                assertThat(numbers(0, 300)).containsAll(found);
                if (round % 5 != 0) {
                    assertThat(found.size()).isGreaterThanOrEqualTo(300 - length / FRAME - 2 - (from < 100 ? 3 : 0));
                }
            }
        }
    }

    @Test
    void next_forgedLengths_areRefusedBeforeAnythingIsAllocated() throws IOException {
        Path segment = writeOne(3);
        try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
            file.seek(headerBytes());
            file.writeInt(0xFFFFFF7F);
        }
        try (FrameReader reader = reader(Position.START)) {
            assertThat(read(reader)).containsExactly(1L, 2L);
            assertThat(reader.takeDamages()).hasSize(1);
        }
    }

    @Test
    void next_segmentMissing_saysHowManyFramesAreLost() throws IOException {
        try (FrameWriter writer = open(FrameWriterSettings.defaults().withSizes(1_024, 1 << 30))) {
            write(writer, 0, 200);
        }
        Files.delete(SpoolFolder.list(folder).get(PRODUCER).get(3));
        try (FrameReader reader = reader(Position.START)) {
            int found = read(reader).size();
            assertThat(reader.takeDamages())
                    .singleElement()
                    .satisfies(damage -> assertThat(damage.frames()).isEqualTo(200 - found));
        }
    }

    @Test
    void next_writtenTwice_passesOverTheSecond() throws IOException {
        Path segment = writeOne(10);
        byte[] whole = Files.readAllBytes(segment);
        int header = (int) headerBytes();
        byte[] twice = Arrays.copyOf(whole, whole.length + 5 * FRAME);
        System.arraycopy(whole, header, twice, whole.length, 5 * FRAME);
        Files.write(segment, twice);
        try (FrameReader reader = reader(Position.START)) {
            assertThat(read(reader)).isEqualTo(numbers(0, 10));
            assertThat(reader.repeated()).isEqualTo(5);
        }
    }

    @Test
    void append_manyThreads_numbersHaveNoGapAndEachThreadsFramesKeepTheirOrder() throws Exception {
        Map<Long, Long> acknowledged = new ConcurrentHashMap<>();
        try (FrameWriter writer = open(FrameWriterSettings.defaults().withSizes(100_000, 1 << 30))) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                long first = i * 10_000L;
                Thread thread = new Thread(() -> {
                    FrameBuffer buffer = new FrameBuffer();
                    for (long value = first; value < first + 3_000; value++) {
                        buffer.clear();
                        frame(buffer, value);
                        try {
                            acknowledged.put(writer.append(buffer), value);
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    }
                });
                threads.add(thread);
                thread.start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }
        long[] last = new long[6];
        Arrays.fill(last, -1);
        try (FrameReader reader = reader(Position.START)) {
            long number = 0;
            while (reader.next()) {
                long value = reader.body().getLong();
                assertThat(reader.number()).isEqualTo(++number);
                assertThat(acknowledged).containsEntry(number, value);
                int thread = (int) (value / 10_000);
                assertThat(value).isGreaterThan(last[thread]);
                last[thread] = value;
            }
            assertThat(number).isEqualTo(18_000);
        }
    }

    @Test
    void next_besideAFastWriter_missesNothing() throws Exception {
        int count = 150_000;
        try (FrameWriter writer = open(FrameWriterSettings.defaults().withSizes(300_000, 1 << 30));
                FrameReader reader = reader(Position.START)) {
            Thread thread = new Thread(() -> {
                try {
                    FrameBuffer buffer = new FrameBuffer();
                    for (long value = 0; value < count; value += 5) {
                        // Several appear at once: the first of them must not be taken for damage before the others.
                        buffer.clear();
                        for (int next = 0; next < 5; next++) {
                            frame(buffer, value + next);
                        }
                        writer.append(buffer);
                    }
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            thread.start();
            long expected = 0;
            while (expected < count) {
                while (reader.next()) {
                    assertThat(reader.body().getLong()).isEqualTo(expected++);
                }
                assertThat(reader.takeDamages()).isEmpty();
            }
            thread.join();
            assertThat(expected).isEqualTo(count);
        }
    }

    @Test
    void append_noRoom_refusesKeepsWhatIsThereAndGoesOnWhenSegmentsAreDeleted() throws Exception {
        FrameBuffer buffer = new FrameBuffer();
        int kept = 0;
        try (FrameWriter writer = open(FrameWriterSettings.defaults().withSizes(1_024, 4_000))) {
            while (true) {
                buffer.clear();
                frame(buffer, kept);
                try {
                    writer.append(buffer);
                    kept++;
                } catch (SpoolFullException e) {
                    assertThat(e).hasMessageContaining("4000 bytes").hasMessageContaining("Free some space");
                    assertThat(e.kept()).isZero();
                    break;
                }
            }
            assertThat(kept).isBetween(80, 4_000 / FRAME);
            assertThat(SpoolFolder.deleteBefore(folder, PRODUCER, 3)).isEqualTo(2);
            Thread.sleep(10);
            writer.append(buffer);
            kept++;
        }
        try (FrameReader reader = reader(Position.START)) {
            List<Long> left = read(reader);
            assertThat(left).isEqualTo(numbers(kept - left.size(), left.size()));
        }
    }

    @Test
    void append_afterClose_isRefused() throws IOException {
        FrameWriter writer = open(FrameWriterSettings.defaults().withSync(Duration.ofMillis(1)));
        write(writer, 0, 3);
        writer.close();
        writer.close();
        FrameBuffer buffer = new FrameBuffer();
        frame(buffer, 1);
        assertThatThrownBy(() -> writer.append(buffer)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> open(FrameWriterSettings.defaults()))
                .as("a producer that was there before")
                .isInstanceOf(IOException.class);
    }

    @Test
    void list_foreignFilesAndLinks_areLeftAlone() throws IOException {
        assertThat(SpoolFolder.list(folder.resolve("none"))).isEmpty();
        Files.writeString(folder.resolve("notes.txt"), "x");
        Files.writeString(folder.resolve("x.spool"), "x");
        assertThat(SpoolFolder.list(folder)).isEmpty();
        Path secret = Files.writeString(folder.resolve("secret"), "x");
        Files.createSymbolicLink(folder.resolve(PRODUCER + "-00000001.spool"), secret);
        try (FrameReader reader = reader(Position.START)) {
            assertThatThrownBy(reader::next).isInstanceOf(IOException.class).hasMessageContaining("expected a file");
        }
    }

    /** Bytes of a frame as these tests write them. */
    private static final int FRAME = 8 + 8 + 8 + 8;

    private static final int END_FRAME = 8 + 8;

    private static void frame(FrameBuffer buffer, long value) {
        buffer.begin();
        buffer.putLong(value);
        buffer.putLong(~value);
        buffer.end();
    }

    private Path writeOne(int frames) throws IOException {
        try (FrameWriter writer = open(FrameWriterSettings.defaults())) {
            write(writer, 0, frames);
        }
        return SpoolFolder.list(folder).get(PRODUCER).get(1);
    }

    private static long headerBytes() {
        return new Segment(PRODUCER, 1, 1, Map.of("who", "tester")).toBytes().length;
    }

    private FrameWriter open(FrameWriterSettings settings) throws IOException {
        return FrameWriter.open(folder, PRODUCER, Map.of("who", "tester"), settings);
    }

    private static void write(FrameWriter writer, long first, int count) throws IOException {
        FrameBuffer buffer = new FrameBuffer();
        for (long value = first; value < first + count; value++) {
            buffer.clear();
            frame(buffer, value);
            writer.append(buffer);
        }
    }

    private FrameReader reader(Position from) {
        return new FrameReader(folder, PRODUCER, from);
    }

    private static List<Long> read(FrameReader reader) throws IOException {
        List<Long> values = new ArrayList<>();
        while (reader.next()) {
            long value = reader.body().getLong();
            assertThat(reader.body().getLong(8)).isEqualTo(~value);
            values.add(value);
        }
        return values;
    }

    private static List<Long> numbers(long first, int count) {
        List<Long> numbers = new ArrayList<>();
        for (long number = first; number < first + count; number++) {
            numbers.add(number);
        }
        return numbers;
    }
}
