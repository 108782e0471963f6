// SPDX-License-Identifier: GPL-2.0-or-later
// struct iocb, struct io_event and struct iovec as strace prints them: field by field with names, which lost
// and gained prefixes over the years, or by position before strace 5.
//
// Each gives false when a bracket does not close on the line.
#pragma once

#include "model/kernel/call.h"
#include "replay/capture/scan.h"
#include "replay/capture/spare.h"

namespace ringtail::capture {

bool iovecs(Scanner& s, kernel::Word& pointer, kernel::List<kernel::Iovec>& out);
// `[{...}, NULL, 0x7f...]` of io_submit.
bool iocb_array(Scanner& s, kernel::Word& pointer, kernel::Call& call, Spare& spare);
// The one of io_cancel.
bool one_iocb(Scanner& s, kernel::Call& call, Spare& spare);
bool io_event(Scanner& s, kernel::IoEvent& e);
bool event_array(Scanner& s, kernel::Word& pointer, kernel::Call& call);

}  // namespace ringtail::capture
