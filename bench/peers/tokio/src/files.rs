// bench/peers/tokio/src/files.rs: reading a file at random places with tokio::fs, which does it on threads. It has no
// read at an offset: each reader has the file open for itself, and seeks.
use std::io::SeekFrom;
use std::time::{Duration, Instant};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

const READ_BYTES: usize = 4096;
const READS_BETWEEN_LOOKS: u64 = 256;

struct Places {
    state: u64,
    blocks: u64,
}

impl Places {
    fn of(file_bytes: u64, reader: u64) -> Places {
        Places { state: 0x9e3779b97f4a7c15u64.wrapping_mul(reader + 1), blocks: file_bytes / READ_BYTES as u64 }
    }

    fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state % self.blocks * READ_BYTES as u64
    }
}

async fn read(path: String, reader: u64, end: Instant) -> std::io::Result<u64> {
    let mut file = File::open(path).await?;
    let mut places = Places::of(file.metadata().await?.len(), reader);
    let mut block = [0u8; READ_BYTES];
    let mut reads = 0;
    loop {
        for _ in 0..READS_BETWEEN_LOOKS {
            file.seek(SeekFrom::Start(places.next())).await?;
            file.read_exact(&mut block).await?;
        }
        reads += READS_BETWEEN_LOOKS;
        if Instant::now() >= end {
            return Ok(reads);
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let words: Vec<String> = std::env::args().collect();
    let begin = Instant::now();
    let end = begin + Duration::from_secs_f64(words[2].parse().expect("seconds"));
    let depth: u64 = words[3].parse().expect("depth");
    let readers: Vec<_> = (0..depth).map(|reader| tokio::spawn(read(words[1].clone(), reader, end))).collect();
    let mut reads = 0;
    for each in readers {
        reads += each.await.expect("a reader")?;
    }
    println!("{} {:.6}", reads, begin.elapsed().as_secs_f64());
    Ok(())
}
