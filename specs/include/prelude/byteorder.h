// SPDX-License-Identifier: GPL-2.0-or-later
// Numbers as devices and networks write them. The processor writes the lowest byte first.
#pragma once

#define swab16(x) ({ u16 __x16 = (x); (u16)(__x16 << 8 | __x16 >> 8); })
#define swab32(x) ({ u32 __x32 = (x); (u32)swab16((u16)__x32) << 16 | swab16((u16)(__x32 >> 16)); })
#define swab64(x) ({ u64 __x64 = (x); (u64)swab32((u32)__x64) << 32 | swab32((u32)(__x64 >> 32)); })

#define cpu_to_le16(x) ((__le16)(x))
#define cpu_to_le32(x) ((__le32)(x))
#define cpu_to_le64(x) ((__le64)(x))
#define le16_to_cpu(x) ((u16)(x))
#define le32_to_cpu(x) ((u32)(x))
#define le64_to_cpu(x) ((u64)(x))
#define cpu_to_be16(x) swab16(x)
#define cpu_to_be32(x) swab32(x)
#define cpu_to_be64(x) swab64(x)
#define be16_to_cpu(x) swab16(x)
#define be32_to_cpu(x) swab32(x)
#define be64_to_cpu(x) swab64(x)
#define htons(x) cpu_to_be16(x)
#define htonl(x) cpu_to_be32(x)
#define ntohs(x) be16_to_cpu(x)
#define ntohl(x) be32_to_cpu(x)
